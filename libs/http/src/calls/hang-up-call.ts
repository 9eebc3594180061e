import { Body, Controller, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { type AccountId, type CallId, parseCallId } from '@ringfence/kernel/ids';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf } from '../edge/access.js';
import { Operation } from '../edge/operation.js';
import { CommandSubmission } from '../edge/submission.js';
import { validatedBody } from '../edge/validated.js';
import { edgeProblem, status } from '../problem.js';
import { commandBody } from '../edge/command-body.js';
import { CallOwners } from './call-owners.js';
import { warningBodies } from './warnings.js';

class HangUpCallBody extends commandBody('hang_up_call') {}

@Controller('api/v1/voice/calls')
export class HangUpCallController {
  constructor(
    @Inject(CommandSubmission) private readonly commands: CommandSubmission,
    @Inject(CallOwners) private readonly owners: CallOwners,
  ) {}

  @Post(':call_id/hangup')
  @HttpCode(status.ok)
  @Operation({
    id: 'hangUpCall',
    tag: 'Calls',
    summary: 'End a call',
    access: { scopes: ['calls:write'], operatorsOnly: false, modes: 'own' },
    answer: { status: status.ok, description: 'The call is being ended.', schema: 'Mutation' },
    command: true,
    urgent: true,
    problems: ['not_found', 'call_unknown', 'call_not_live', 'leg_not_found'],
  })
  async hangUp(
    @Param('call_id') callIdText: string,
    @Body(validatedBody(HangUpCallBody)) body: HangUpCallBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const callId = parseCallId(callIdText);
    if (callId === undefined) throw noSuchCall();
    const accountId: AccountId = callerOf(request).accountId ?? (await this.#ownerOf(callId));
    const named = Object.assign(body, { call_id: callId });
    const { result } = await this.commands.submit(request, reply, 'hang_up_call', named, accountId);
    return { request_id: result['request_id'], playback_id: null, warnings: warningBodies(result['warnings']) };
  }

  async #ownerOf(callId: CallId): Promise<AccountId> {
    const owner = await this.owners.accountOf(callId);
    if (owner === undefined) throw noSuchCall();
    return owner;
  }
}

function noSuchCall(): Error {
  return edgeProblem('not_found', 'there is no such call');
}
