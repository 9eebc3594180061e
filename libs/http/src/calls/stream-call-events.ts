import { Controller, Get, Inject, Param, Req, Res } from '@nestjs/common';
import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import { type AccountId, type CallId, parseCallId, platformStream } from '@ringfence/kernel/ids';
import type { Position } from '@ringfence/kernel/units';
import { EVENT_STORE, type EventStore, readLimitMax } from '@ringfence/ports/log/event-store';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf } from '../edge/access.js';
import { Operation } from '../edge/operation.js';
import { LOG_NAME, type LogName } from '../edge/ports.js';
import { edgeProblem, status } from '../problem.js';
import { type CallLifeEnvelope, endsCall, isCallLife } from '@ringfence/wire/calls/call-event-body';
import { type CallEventBatches, CallEventSender, type SendingUntil } from './call-event-sender.js';
import { CallEventSubscriptions, type CallEventSubscription } from './call-event-subscriptions.js';
import { lastEventOf } from './last-event-id.js';
import { firstOfSeenCall } from './seen-call.js';
import { streamAnswer, tooManyStreams } from './stream-operation.js';

@Controller('api/v1/voice/calls')
export class StreamCallEventsController {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(CallEventSubscriptions) private readonly subscriptions: CallEventSubscriptions,
    @Inject(CallEventSender) private readonly sender: CallEventSender,
    @Inject(LOG_NAME) private readonly log: LogName,
  ) {}

  @Get(':call_id/events/stream')
  @Operation({
    id: 'streamCallEvents',
    tag: 'Calls',
    summary: 'The events of one call, as they happen',
    description:
      'Server-sent events: first those that have happened, then each new one, until the call has ended. `Last-Event-ID` continues after that event; 204 says that there is nothing left to send.',
    access: { scopes: ['calls:read'], operatorsOnly: false, modes: 'own' },
    answer: streamAnswer,
    emptyIf: 'The call has ended, and the client has had all of its events.',
    reads: 'object',
    problems: ['not_found', 'position_invalid', 'position_of_other_log', 'too_many_waiting'],
  })
  async stream(
    @Param('call_id') callIdText: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const after = lastEventOf(request, this.log.logId);
    const caller = callerOf(request);
    const callId = parseCallId(callIdText);
    const first = callId && (await firstOfSeenCall(this.store, caller, callId));
    if (callId === undefined || first === undefined) throw edgeProblem('not_found', 'there is no such call');
    const accountId = first.stream as AccountId; // calls are placed only in the streams of accounts
    const filter = { accountId, mode: null, callId, keyId: null };
    const subscription = this.subscriptions.open(filter, caller.accountId ?? platformStream);
    if (subscription === undefined) throw tooManyStreams();
    try {
      const past = await this.#past(callId, subscription.begin());
      const left = past.filter(({ position }) => after === null || position > after);
      const hasEnded = past.some(({ data }) => endsCall(data));
      if (hasEnded && left.length === 0) {
        void reply.code(status.noContent).send();
        return;
      }
      const batches = ({ signal }: SendingUntil) => batchesOf(left, hasEnded, subscription, signal);
      await this.sender.send(request, reply, batches);
    } finally {
      subscription.close();
    }
  }

  async #past(callId: CallId, below: Position): Promise<readonly CallLifeEnvelope[]> {
    const recorded = await this.store.readSubject(callId, readLimitMax);
    return recorded
      .map(decodeRecorded)
      .filter(isCallLife)
      .filter(({ position }) => position < below);
  }
}

async function* batchesOf(
  left: readonly CallLifeEnvelope[],
  hasEnded: boolean,
  subscription: CallEventSubscription,
  signal: AbortSignal,
): CallEventBatches {
  yield left;
  if (hasEnded) return 'call_ended';
  for (;;) {
    const events = await subscription.take(signal);
    if (signal.aborted) return 'key_not_accepted';
    if (events === 'overrun') return 'unavailable';
    yield events;
    if (events.some(({ data }) => endsCall(data))) return 'call_ended';
  }
}
