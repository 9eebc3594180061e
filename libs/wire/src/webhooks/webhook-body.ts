import type { CallEvent } from '@ringfence/domain/calls/call.events';
import type { WebhookApiVersion } from '@ringfence/domain/apps/voice-app.events';
import type { VoiceAppId } from '@ringfence/kernel/ids';
import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import { callEventBody, callEventData, callEventName, type OpenedNumbers } from '../calls/call-event-body.js';

/** The events of a call that are delivered: those of which Teler's webhooks have a type. */
export const deliveredTypes = [
  'CallPlaced',
  'CallReceived',
  'CallRinging',
  'CallAnswered',
  'CallCompleted',
  'CallFailed',
] as const;
type DeliveredEvent = Extract<CallEvent, { readonly type: (typeof deliveredTypes)[number] }>;
export type DeliveredEnvelope = RecordedEnvelope<DeliveredEvent>;

/** Names of the delivered events for clients. */
export const deliveredNames = [
  'call.initiated',
  'call.ringing',
  'call.answered',
  'call.completed',
  'call.failed',
] as const satisfies readonly ReturnType<typeof callEventName>[];
const delivered: ReadonlySet<string> = new Set(deliveredTypes);

export function isDelivered(envelope: RecordedEnvelope): envelope is DeliveredEnvelope {
  return delivered.has(envelope.data.type);
}

/** Rendering of a webhook for one endpoint. */
type Rendering = {
  readonly apiVersion: WebhookApiVersion;
  /** Number of the event among those of its call that are delivered, from 0. */
  readonly sequence: number;
  /** The app of the call; null: none. */
  readonly appId: VoiceAppId | null;
};

export function webhookBody(
  envelope: DeliveredEnvelope,
  numbers: OpenedNumbers,
  { apiVersion, sequence, appId }: Rendering,
): object {
  switch (apiVersion) {
    case '2026-06-01':
      return { ...callEventBody(envelope, numbers), voice_app_id: appId, sequence };
    case '2025-08-01': {
      const { id, stream, decidedAtMs, data } = envelope;
      return {
        event: callEventName(data),
        account_id: stream,
        call_app_id: appId,
        data: {
          call_id: data.callId,
          event_id: id,
          occurred_at: new Date(decidedAtMs).toISOString(),
          sequence,
          ...callEventData(data, numbers),
        },
      };
    }
  }
}
