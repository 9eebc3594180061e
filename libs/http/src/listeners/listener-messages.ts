import { Inject, Injectable } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { beginsCall } from '@ringfence/domain/calls/begun-call';
import type { CallFlowRequested } from '@ringfence/domain/calls/call-flow.events';
import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import type { Clock } from '@ringfence/kernel/clock';
import type { VoiceAppId } from '@ringfence/kernel/ids';
import { addDuration, elapsedMs } from '@ringfence/kernel/units';
import { EVENT_STORE, type EventStore, readLimitMax } from '@ringfence/ports/log/event-store';
import { FindVoiceApp } from '@ringfence/read-models/apps/voice-apps.handlers';
import { Limiter } from '@ringfence/runtime/limiter';
import { type CallLifeEnvelope, callEventName } from '@ringfence/wire/calls/call-event-body';
import { flowRequestBody, flowRequestId } from '@ringfence/wire/flows/flow-exchange';
import { isListenerUrl, listenerReplyMsMax } from '@ringfence/wire/flows/listener-url';
import { type DeliveredEnvelope, isDelivered, webhookBody } from '@ringfence/wire/webhooks/webhook-body';
import { callPersonalValues } from '../calls/call-body.js';
import type { EventManner } from '../calls/call-event-sender.js';
import { CLOCK } from '../edge/ports.js';
import { momentText, PersonalValues } from '../edge/reading.js';

/** Messages that are rendered at once, for all listeners of the process: each reads the events of its call. */
const renderedAtOnceMax = 8;
/** The form for calls without an app. */
const versionWithoutApp = '2026-06-01';

type Message = Awaited<ReturnType<EventManner['messageOf']>>;
type FlowRequest = RecordedEnvelope<CallFlowRequested>;

/**
 * Renders what a listener gets: a copy of each webhook that the calls of its key have or could have, and the requests
 * of their flows that go to a listener.
 */
@Injectable()
export class ListenerMessages implements EventManner {
  readonly scope = 'webhooks:write';
  readonly #limiter = new Limiter(renderedAtOnceMax);

  constructor(
    @Inject(QueryBus) private readonly queries: QueryBus,
    @Inject(PersonalValues) private readonly personal: PersonalValues,
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws Failure `vault_unavailable`, `event_store_unavailable`, `database_unavailable` (retryable) */
  readonly messageOf = async (envelope: CallLifeEnvelope): Promise<Message> => {
    if (isDelivered(envelope)) return this.#limiter.run(() => this.#webhookOf(envelope));
    return isFlowRequest(envelope) ? this.#flowRequestOf(envelope) : null;
  };

  async #webhookOf(envelope: DeliveredEnvelope): Promise<Message> {
    const { data, id, position } = envelope;
    const life = (await this.store.readSubject(data.callId, readLimitMax)).map(decodeRecorded).filter(isDelivered);
    const appId = life.flatMap(({ data: each }) => (beginsCall(each) ? (each.voiceAppId ?? []) : []))[0];
    const rendering = {
      apiVersion: await this.#versionOf(appId),
      appId: appId ?? null,
      sequence: life.filter((each) => each.position < position).length,
    };
    const sealed = beginsCall(data) ? { from: data.from, to: data.to } : { from: null, to: null };
    const [numbers] = await this.personal.open([sealed], callPersonalValues);
    const opened = numbers ?? { values: { from: null, to: null }, erased: [] };
    return {
      type: 'webhook',
      data: JSON.stringify({
        id,
        type: callEventName(data),
        call_id: data.callId,
        sequence: rendering.sequence,
        body: JSON.stringify(webhookBody(envelope, opened, rendering)),
      }),
    };
  }

  async #versionOf(appId: VoiceAppId | undefined) {
    const app = appId && (await this.queries.execute(new FindVoiceApp(appId, null)));
    return app?.webhookApiVersion ?? versionWithoutApp;
  }

  /** One that is answered too late anyway is left out: a listener that connects again gets what it has missed. */
  async #flowRequestOf({ data }: FlowRequest): Promise<Message> {
    if (elapsedMs(data.requestedAtMs, this.clock.now()) >= listenerReplyMsMax) return null;
    const { url: sealedUrl, from, to } = data;
    const [opened] = await this.personal.open([{ url: sealedUrl, from, to }], ['url', 'from', 'to']);
    const { url = null, ...numbers } = opened?.values ?? { from: null, to: null };
    if (url === null || !isListenerUrl(url)) return null;
    return {
      type: 'flow_request',
      data: JSON.stringify({
        id: flowRequestId(data),
        call_id: data.callId,
        step: data.step,
        url,
        answer_before: momentText(addDuration(data.requestedAtMs, listenerReplyMsMax)),
        body: JSON.stringify(flowRequestBody(data, numbers.from, numbers.to)),
      }),
    };
  }
}

function isFlowRequest(envelope: CallLifeEnvelope): envelope is FlowRequest {
  return envelope.data.type === 'CallFlowRequested';
}
