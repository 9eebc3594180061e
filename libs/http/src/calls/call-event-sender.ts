import { beginsCall } from '@ringfence/domain/calls/begun-call';
import { Inject, Injectable } from '@nestjs/common';
import { Failure } from '@ringfence/kernel/failure';
import { systemTimers } from '@ringfence/runtime/system-timers';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AccessGuard } from '../edge/access.js';
import { EventStream } from '../edge/event-stream.js';
import { LOG_NAME, type LogName } from '../edge/ports.js';
import { positionTokenOf } from '../edge/positions.js';
import { PersonalValues } from '../edge/reading.js';
import { callPersonalValues } from './call-body.js';
import { callEventBody, callEventName, type CallLifeEnvelope } from '@ringfence/wire/calls/call-event-body';
import { CallEventSubscriptions } from './call-event-subscriptions.js';

/** Reason why the server ends a stream, which its last event names. */
type StreamEnding = 'call_ended' | 'key_not_accepted' | 'unavailable' | 'stopping';

/** Batches of events in order; the generator returns why the stream ends. */
export type CallEventBatches = AsyncGenerator<readonly CallLifeEnvelope[], StreamEnding>;
/** Bounds of a generator: it ends soon after `signal` aborts, and waits for `room` between batches of the past. */
export type SendingUntil = { readonly signal: AbortSignal; readonly room: () => Promise<void> };

/** Sends events of calls to one client, until the client, its key, its events or this process ends. */
@Injectable()
export class CallEventSender {
  /** The text of each event, made once for all who get it. */
  readonly #texts = new WeakMap<CallLifeEnvelope, Promise<string>>();

  constructor(
    @Inject(AccessGuard) private readonly guard: AccessGuard,
    @Inject(PersonalValues) private readonly personal: PersonalValues,
    @Inject(LOG_NAME) private readonly log: LogName,
    @Inject(CallEventSubscriptions) private readonly subscriptions: CallEventSubscriptions,
  ) {}

  /** @throws nothing that the client caused; Error of a fault of ours, after the stream was ended */
  async send(
    request: FastifyRequest,
    reply: FastifyReply,
    batchesOf: (until: SendingUntil) => CallEventBatches,
  ): Promise<void> {
    const refused = new AbortController();
    const stream = new EventStream(reply, systemTimers, () => {
      if (!this.guard.stillAdmits(request, 'calls:read')) refused.abort();
    });
    const { stopping } = this.subscriptions;
    const ends = AbortSignal.any([stream.closed, refused.signal, stopping]);
    try {
      const ending = await this.guard.untilRevoked(request, ends, (signal) =>
        this.#sendAll(stream, batchesOf({ signal, room: () => stream.room() })),
      );
      stream.end(stopping.aborted ? 'stopping' : ending);
    } catch (failure) {
      stream.end('unavailable');
      if (!(failure instanceof Failure && failure.retryable)) throw failure;
    }
  }

  async #sendAll(stream: EventStream, batches: CallEventBatches): Promise<StreamEnding> {
    for (;;) {
      const next = await batches.next();
      if (next.done === true) return next.value;
      const texts = await this.#textsOf(next.value);
      next.value.forEach((envelope, at) => {
        const id = positionTokenOf(this.log.logId, envelope.position);
        stream.send({ id, type: callEventName(envelope.data), data: texts[at] ?? '' });
      });
      if (stream.closed.aborted) return 'unavailable';
    }
  }

  #textsOf(envelopes: readonly CallLifeEnvelope[]): Promise<readonly string[]> {
    return Promise.all(
      envelopes.map((envelope) => {
        const known = this.#texts.get(envelope);
        if (known !== undefined) return known;
        const made = this.#textOf(envelope);
        this.#texts.set(envelope, made);
        made.catch(() => this.#texts.delete(envelope));
        return made;
      }),
    );
  }

  async #textOf(envelope: CallLifeEnvelope): Promise<string> {
    const { data } = envelope;
    const sealed = beginsCall(data) ? { from: data.from, to: data.to } : { from: null, to: null };
    const [numbers] = await this.personal.open([sealed], callPersonalValues);
    return JSON.stringify(callEventBody(envelope, numbers ?? { values: { from: null, to: null }, erased: [] }));
  }
}
