import { Body, Controller, Inject, Post, Req, Res } from '@nestjs/common';
import { SUBJECT_VAULT, type SubjectVault } from '@ringfence/application/personal-data/subject-vault';
import type { PlaceCall } from '@ringfence/domain/calls/call.commands';
import type { IdSource } from '@ringfence/kernel/ids';
import { durationMs } from '@ringfence/kernel/units';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { accountFor, callerOf } from '../../edge/access.js';
import { Operation } from '../../edge/operation.js';
import { ID_SOURCE } from '../../edge/ports.js';
import { RateLimitHeaders } from '../../edge/rate-limit-headers.js';
import { CommandSubmission } from '../../edge/submission.js';
import { validatedBody } from '../../edge/validated.js';
import { edgeProblem, HttpProblem, status } from '../../problem.js';
import { PlaceCallBody } from './place-call.dto.js';

/** How long a call rings before it is given up. */
export const ringTimeoutMsDefault = durationMs(60_000);

const wordsOf = (id: string) =>
  ({
    id,
    tag: 'Calls',
    summary: 'Place a call',
    says: 'Accepted means: authorised, paid for and recorded; it is dialled next. A test key reaches the sandbox alone.',
    access: { scopes: ['calls:write'], operatorsOnly: false },
    answer: { status: status.accepted, says: 'The call is placed.', schema: 'CallCreation' },
    command: true,
    extraHeaders: ['RateLimit', 'RateLimit-Policy'],
    problems: [
      'account_not_verified',
      'account_suspended',
      'number_invalid',
      'caller_number_not_allowed',
      'destination_not_allowed',
      'rate_limited',
      'lines_exhausted',
      'daily_spend_exceeded',
      'balance_insufficient',
      'no_route',
    ],
  }) as const;

@Controller('api/v1')
export class PlaceCallController {
  constructor(
    @Inject(CommandSubmission) private readonly submission: CommandSubmission,
    @Inject(SUBJECT_VAULT) private readonly vault: SubjectVault,
    @Inject(ID_SOURCE) private readonly ids: IdSource,
    @Inject(RateLimitHeaders) private readonly limits: RateLimitHeaders,
  ) {}

  @Post('voice/calls/initiate')
  @Operation(wordsOf('initiateCall'))
  async initiate(
    @Body(validatedBody(PlaceCallBody)) body: PlaceCallBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    return this.#place(body, request, reply);
  }

  @Post('calls/initiate')
  @Operation(wordsOf('initiateCallShort'))
  async initiateShort(
    @Body(validatedBody(PlaceCallBody)) body: PlaceCallBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    return this.#place(body, request, reply);
  }

  async #place(body: PlaceCallBody, request: FastifyRequest, reply: FastifyReply): Promise<object> {
    const caller = callerOf(request);
    if (caller.accountId === null)
      throw edgeProblem('scope_not_held', 'a call is placed with a key of the account that pays for it');
    const accountId = accountFor(caller, undefined, 'body');
    const { from_number, to_number, flow_url, status_callback_url = null } = body;
    const record = body.record ?? true;
    const [from, to, flowUrl, statusCallbackUrl] = await Promise.all([
      this.vault.seal(accountId, from_number),
      this.vault.seal(accountId, to_number),
      this.vault.seal(accountId, flow_url),
      status_callback_url === null ? null : this.vault.seal(accountId, status_callback_url),
    ]);
    const callId = this.ids.callId();
    const wish: Omit<PlaceCall, 'nowMs' | 'by' | 'rateDecks' | 'routes'> = {
      type: 'PlaceCall',
      accountId,
      callId,
      legId: this.ids.legId(),
      attemptId: this.ids.eventId(),
      from: { clear: from_number, sealed: from },
      to: { clear: to_number, sealed: to },
      flowUrl,
      statusCallbackUrl,
      record,
      ringTimeoutMs: ringTimeoutMsDefault,
    };
    const fields = { from_number, to_number, flow_url, status_callback_url, record };
    const wanted = { caller, stream: accountId, wish, fields, result: { call_id: callId } };
    const accepted = await this.submission.submit(wanted, request, reply).catch((thrown: unknown) => {
      if (thrown instanceof HttpProblem) this.limits.onRefused(caller.entry, thrown, reply);
      throw thrown;
    });
    this.limits.onAccepted(caller.entry, reply);
    return { id: accepted.result['call_id'], from_number, to_number, status_callback_url, record };
  }
}
