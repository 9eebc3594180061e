import { Controller, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { AccountId, CallId } from '@ringfence/kernel/ids';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { notDescribed } from '../edge/described.js';
import { Operation } from '../edge/operation.js';
import { CommandSubmission } from '../edge/submission.js';
import { HttpProblem, status } from '../problem.js';
import { accountNamed } from './twilio-access.js';
import { callNamed, TwilioCalls } from './twilio-calls.js';
import { stateRule } from '../edge/twilio-errors.js';
import { formOf, TwilioParameters } from './twilio-parameters.js';
import { notBeforeTwiml, unsupportedCallbacks } from './unsupported-parameters.js';

const unsupported = {
  ...unsupportedCallbacks,
  Url: notBeforeTwiml,
  Twiml: notBeforeTwiml,
  Method: notBeforeTwiml,
  FallbackUrl: notBeforeTwiml,
  FallbackMethod: notBeforeTwiml,
  TimeLimit: 'the length of a call is bounded by its money and the policy of its key',
};

@notDescribed()
@Controller('2010-04-01/Accounts')
export class UpdateTwilioCallController {
  constructor(
    @Inject(CommandSubmission) private readonly commands: CommandSubmission,
    @Inject(TwilioCalls) private readonly calls: TwilioCalls,
  ) {}

  @Post(':account_sid/Calls/:call_sid')
  @HttpCode(status.ok)
  @Operation({
    id: 'updateTwilioCall',
    tag: 'Twilio',
    summary: 'End a call',
    access: { scopes: ['calls:write'], operatorsOnly: false, modes: 'own' },
    answer: { status: status.ok, description: 'The call.', schema: {} },
    command: true,
    urgent: true,
    problems: ['not_found', 'validation_failed', 'call_unknown', 'call_not_live'],
  })
  async update(
    @Param('account_sid') accountSid: string,
    @Param('call_sid') callSid: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const accountId = accountNamed(request, accountSid);
    const callId = callNamed(callSid);
    const parameters = TwilioParameters.read(formOf(request.body), 'body', ['Status'], unsupported);
    const wanted = parameters.need('Status');
    if (wanted !== 'completed' && wanted !== 'canceled')
      throw parameters.invalid('Status', 'is completed, or canceled before the answer');
    if (wanted === 'canceled' && (await this.calls.read(request, callId)).state === 'answered')
      throw parameters.invalid('Status', 'canceled ends a call before its answer alone; use completed', stateRule);
    await this.#end(request, reply, { accountId, callId });
    const [body = {}] = await this.calls.bodies([await this.calls.read(request, callId)], accountId);
    return body;
  }

  /** Hangs up. A call that is being hung up already is on its way to what was asked for. */
  async #end(
    request: FastifyRequest,
    reply: FastifyReply,
    { accountId, callId }: { readonly accountId: AccountId; readonly callId: CallId },
  ): Promise<void> {
    try {
      await this.commands.submit(request, reply, 'hang_up_call', { call_id: callId }, accountId);
    } catch (thrown) {
      if (!(thrown instanceof HttpProblem) || thrown.code !== 'call_not_live') throw thrown;
      if ((await this.calls.read(request, callId)).endedAtMs !== null) throw thrown;
    }
  }
}
