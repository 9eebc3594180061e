import { Body, Controller, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf } from '../edge/access.js';
import { commandBody } from '../edge/command-body.js';
import { id, object, text } from '../edge/json-schema.js';
import { Operation } from '../edge/operation.js';
import { CommandSubmission } from '../edge/submission.js';
import { validatedBody } from '../edge/validated.js';
import { edgeProblem, status } from '../problem.js';

class SimulateInboundCallBody extends commandBody('simulate_inbound_call') {}

@Controller('api/v1/voice/sandbox/inbound-calls')
export class SimulateInboundCallController {
  constructor(@Inject(CommandSubmission) private readonly commands: CommandSubmission) {}

  @Post()
  @Operation({
    id: 'simulateInboundCall',
    tag: 'Calls',
    summary: 'Let a caller of the sandbox ring a number',
    description:
      'For test keys alone. The sandbox signals an incoming call as a carrier does; whether it is accepted is decided then, under the key that answers for the app of the number. `id` is the id of the call if it is accepted; a rejected call has none, and its reason is in the audit trail.',
    access: { scopes: ['calls:write'], operatorsOnly: false, modes: 'own' },
    answer: {
      status: status.accepted,
      description: 'The number is rung next.',
      schema: object({ id: id('cs'), from_number: text, to_number: text }),
    },
    command: true,
    problems: ['validation_failed', 'presenter_not_allowed', 'number_unknown', 'number_erased'],
  })
  async simulate(
    @Body(validatedBody(SimulateInboundCallBody)) body: SimulateInboundCallBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const { accountId } = callerOf(request);
    if (accountId === null) throw edgeProblem('scope_not_held', 'a number is rung with a test key of its account');
    const { result } = await this.commands.submit(request, reply, 'simulate_inbound_call', body, accountId);
    return { id: result.call_id, from_number: body.from_number, to_number: body.to_number };
  }
}
