import { beginsCall } from '@ringfence/domain/calls/begun-call';
import { Inject, Injectable } from '@nestjs/common';
import type { Scope } from '@ringfence/domain/shared/scopes';
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
type SentMessage = { readonly type: string; readonly data: string };
/** Rendering of events for a stream. */
export type EventManner = {
  /** Scope that the key of the stream has to hold all the time. */
  readonly scope: Scope;
  /** null: the event is left out. @throws Failure (retryable): the stream ends as `unavailable` */
  readonly messageOf: (envelope: CallLifeEnvelope) => Promise<SentMessage | null>;
};
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
    manner: EventManner = this.#callEvents,
  ): Promise<void> {
    const refused = new AbortController();
    const stream = new EventStream(reply, systemTimers, () => {
      if (!this.guard.stillAdmits(request, manner.scope)) refused.abort();
    });
    const { stopping } = this.subscriptions;
    const ends = AbortSignal.any([stream.closed, refused.signal, stopping]);
    try {
      const ending = await this.guard.untilRevoked(request, ends, (signal) =>
        this.#sendAll(stream, batchesOf({ signal, room: () => stream.room() }), manner),
      );
      stream.end(stopping.aborted ? 'stopping' : ending);
    } catch (failure) {
      stream.end('unavailable');
      if (!(failure instanceof Failure && failure.retryable)) throw failure;
    }
  }

  async #sendAll(stream: EventStream, batches: CallEventBatches, manner: EventManner): Promise<StreamEnding> {
    for (;;) {
      const next = await batches.next();
      if (next.done === true) return next.value;
      const messages = await Promise.all(next.value.map((envelope) => manner.messageOf(envelope)));
      next.value.forEach((envelope, at) => {
        const message = messages[at] ?? null;
        if (message !== null) stream.send({ id: positionTokenOf(this.log.logId, envelope.position), ...message });
      });
      if (stream.closed.aborted) return 'unavailable';
    }
  }

  /** Every event, in the form of webhooks. */
  readonly #callEvents: EventManner = {
    scope: 'calls:read',
    messageOf: async (envelope) => {
      const known = this.#texts.get(envelope);
      if (known !== undefined) return { type: callEventName(envelope.data), data: await known };
      const made = this.#textOf(envelope);
      this.#texts.set(envelope, made);
      made.catch(() => this.#texts.delete(envelope));
      return { type: callEventName(envelope.data), data: await made };
    },
  };

  async #textOf(envelope: CallLifeEnvelope): Promise<string> {
    const { data } = envelope;
    const sealed = beginsCall(data) ? { from: data.from, to: data.to } : { from: null, to: null };
    const [numbers] = await this.personal.open([sealed], callPersonalValues);
    return JSON.stringify(callEventBody(envelope, numbers ?? { values: { from: null, to: null }, erased: [] }));
  }
}
