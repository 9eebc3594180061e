import { Body, Controller, Inject, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf, ownAccountOf } from '../edge/access.js';
import { commandBody } from '../edge/command-body.js';
import { Operation } from '../edge/operation.js';
import { CommandSubmission } from '../edge/submission.js';
import { validatedBody, validatedQuery } from '../edge/validated.js';
import { status } from '../problem.js';
import { SelectionQuery, withConditions } from './selection-query.js';

class AssignNumbersBody extends commandBody('assign_numbers') {}

@Controller('api/v1/virtual-numbers')
export class AssignNumbersController {
  constructor(@Inject(CommandSubmission) private readonly commands: CommandSubmission) {}

  @Post('assign')
  @Operation({
    id: 'assignNumbers',
    tag: 'Numbers',
    summary: 'Assign numbers to a voice app or a SIP trunk',
    description:
      'A number is assigned to one app or one trunk at a time: numbers that are assigned already move. vn_ids lists up to 100 numbers; apply_to_all means every number of the key’s mode, or those that meet the conditions location, voice_app and sip_trunk, in the query or in the body. All of them are assigned, or none.',
    access: { scopes: ['numbers:write'], operatorsOnly: false, modes: 'own' },
    answer: { status: status.ok, description: 'Done, for all of them.', schema: 'VirtualNumbersAssigned' },
    command: true,
    problems: ['validation_failed', 'number_unknown', 'no_numbers_selected', 'voice_app_unknown', 'sip_trunk_unknown'],
  })
  async assign(
    @Body(validatedBody(AssignNumbersBody)) body: AssignNumbersBody,
    @Query(validatedQuery(SelectionQuery)) query: SelectionQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const accountId = ownAccountOf(callerOf(request));
    const named = withConditions(body, query);
    const { position } = await this.commands.submit(request, reply, 'assign_numbers', named, accountId);
    return { success: true, message: 'The numbers are assigned.', position };
  }
}
