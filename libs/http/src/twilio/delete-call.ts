import { Controller, Delete, Inject, Param, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { notDescribed } from '../edge/described.js';
import { Operation } from '../edge/operation.js';
import { edgeProblem, status } from '../problem.js';
import { accountNamed } from './twilio-access.js';
import { callNamed, TwilioCalls } from './twilio-calls.js';

@notDescribed()
@Controller('2010-04-01/Accounts')
export class DeleteTwilioCallController {
  constructor(@Inject(TwilioCalls) private readonly calls: TwilioCalls) {}

  @Delete(':account_sid/Calls/:call_sid')
  @Operation({
    id: 'deleteTwilioCall',
    tag: 'Twilio',
    summary: 'Refuses to delete the record of a call',
    access: { scopes: ['calls:write'], operatorsOnly: false, modes: 'own' },
    answer: { status: status.noContent, description: 'Never: the log keeps every call.', schema: {} },
    problems: ['not_found', 'method_not_allowed'],
  })
  async delete(
    @Param('account_sid') accountSid: string,
    @Param('call_sid') callSid: string,
    @Req() request: FastifyRequest,
  ): Promise<never> {
    accountNamed(request, accountSid);
    await this.calls.read(request, callNamed(callSid));
    throw edgeProblem('method_not_allowed', 'the log keeps the record of every call; the numbers in it can be erased');
  }
}
