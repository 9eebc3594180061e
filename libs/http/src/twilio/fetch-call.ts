import { Controller, Get, Inject, Param, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { notDescribed } from '../edge/described.js';
import { Operation } from '../edge/operation.js';
import { status } from '../problem.js';
import { accountNamed } from './twilio-access.js';
import { callNamed, TwilioCalls } from './twilio-calls.js';

@notDescribed()
@Controller('2010-04-01/Accounts')
export class FetchTwilioCallController {
  constructor(@Inject(TwilioCalls) private readonly calls: TwilioCalls) {}

  @Get(':account_sid/Calls/:call_sid')
  @Operation({
    id: 'fetchTwilioCall',
    tag: 'Twilio',
    summary: 'One call',
    access: { scopes: ['calls:read'], operatorsOnly: false, modes: 'own' },
    answer: { status: status.ok, description: 'The call.', schema: {} },
    reads: 'object',
    problems: ['not_found'],
  })
  async fetch(
    @Param('account_sid') accountSid: string,
    @Param('call_sid') callSid: string,
    @Req() request: FastifyRequest,
  ): Promise<object> {
    const accountId = accountNamed(request, accountSid);
    const [body = {}] = await this.calls.bodies([await this.calls.read(request, callNamed(callSid))], accountId);
    return body;
  }
}
