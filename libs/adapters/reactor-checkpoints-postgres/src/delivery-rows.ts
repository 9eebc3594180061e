import type { WebhookApiVersion } from '@ringfence/domain/apps/voice-app.events';
import { asSecret, type Mode } from '@ringfence/domain/shared/values';
import type { WebhookEndpoint } from '@ringfence/domain/webhooks/webhook.events';
import type { AccountId, CallId, EventId, SubjectId, VoiceAppId, WebhookSecretId } from '@ringfence/kernel/ids';
import { type EpochMs, epochMs, position } from '@ringfence/kernel/units';
import type {
  AppEndpoint,
  CallEndpoint,
  DueDelivery,
  FollowedCall,
  QueuedDelivery,
  SigningSecret,
} from '@ringfence/ports/deliveries/delivery-queue';

/** A column of rows that are written by `unnest`: its type, and its value of one entry. */
type Columns<Entry> = Readonly<Record<string, readonly [type: string, valueOf: (entry: Entry) => unknown]>>;

/** Writes of many rows in one statement: names of the columns, their source, and the values of its parameters. */
export class RowWriting<Entry> {
  readonly names: string;

  constructor(private readonly columns: Columns<Entry>) {
    this.names = Object.keys(columns).join(', ');
  }

  /** @param first number of the first parameter */
  from(first = 1): string {
    const arrays = Object.values(this.columns).map(([type], at) => `$${String(first + at)}::${type}[]`);
    return `unnest(${arrays.join(', ')}) as new (${this.names})`;
  }

  values(entries: readonly Entry[]): unknown[][] {
    return Object.values(this.columns).map(([, valueOf]) => entries.map(valueOf));
  }
}

const ofEndpoint: Columns<CallEndpoint> = {
  call_id: ['text', ({ callId }) => callId],
  endpoint: ['text', ({ endpoint }) => endpoint],
  account_id: ['text', ({ accountId }) => accountId],
  mode: ['text', ({ mode }) => mode],
  app_id: ['text', ({ appId }) => appId],
  url_subject: ['text', ({ url }) => url.subjectId],
  url_ciphertext: ['text', ({ url }) => url.ciphertext],
  receiver: ['text', ({ receiver }) => receiver],
  api_version: ['text', ({ apiVersion }) => apiVersion],
};
export const appRows = new RowWriting<AppEndpoint>({
  app_id: ['text', ({ appId }) => appId],
  account_id: ['text', ({ accountId }) => accountId],
  mode: ['text', ({ mode }) => mode],
  url_subject: ['text', ({ url }) => url.subjectId],
  url_ciphertext: ['text', ({ url }) => url.ciphertext],
  receiver: ['text', ({ receiver }) => receiver],
  api_version: ['text', ({ apiVersion }) => apiVersion],
  secret_id: ['text', ({ secretId }) => secretId],
});
export const callRows = new RowWriting<FollowedCall>({
  ...ofEndpoint,
  next_sequence: ['int4', ({ nextSequence }) => nextSequence],
});
export const deliveryRows = new RowWriting<QueuedDelivery>({
  ...ofEndpoint,
  position: ['int8', (each) => each.position],
  event_id: ['text', ({ eventId }) => eventId],
  event_name: ['text', ({ eventName }) => eventName],
  sequence: ['int4', ({ sequence }) => sequence],
  occurred_at_ms: ['int8', ({ occurredAtMs }) => occurredAtMs],
  queued_at_ms: ['int8', ({ queuedAtMs }) => queuedAtMs],
  started_at_ms: ['int8', ({ queuedAtMs }) => queuedAtMs],
  due_at_ms: ['int8', ({ queuedAtMs }) => queuedAtMs],
});
export const secretRows = new RowWriting<SigningSecret>({
  secret_id: ['text', ({ secretId }) => secretId],
  account_id: ['text', ({ accountId }) => accountId],
  mode: ['text', ({ mode }) => mode],
  value_subject: ['text', ({ value }) => value.subjectId],
  value_ciphertext: ['text', ({ value }) => value.ciphertext],
  previous_subject: ['text', ({ previous }) => previous?.subjectId ?? null],
  previous_ciphertext: ['text', ({ previous }) => previous?.ciphertext ?? null],
  overlap_until_ms: ['int8', ({ overlapUntilMs }) => overlapUntilMs],
});

/** A row of `webhook.call`; written by this adapter alone, as the types say. */
export type CallRow = {
  readonly call_id: CallId;
  readonly endpoint: WebhookEndpoint;
  readonly account_id: AccountId;
  readonly mode: Mode;
  readonly app_id: VoiceAppId | null;
  readonly url_subject: SubjectId;
  readonly url_ciphertext: string;
  readonly receiver: string;
  readonly api_version: WebhookApiVersion;
  readonly next_sequence: number;
};
/** A row of `webhook.app`. */
export type AppRow = Omit<CallRow, 'call_id' | 'endpoint' | 'next_sequence' | 'app_id'> & {
  readonly app_id: VoiceAppId;
  readonly secret_id: WebhookSecretId | null;
};
/** A row of `webhook.delivery` with the secret that signs it. */
export type DueRow = Omit<CallRow, 'next_sequence'> & {
  readonly position: string;
  readonly event_id: EventId;
  readonly event_name: string;
  readonly sequence: number;
  readonly occurred_at_ms: string;
  readonly queued_at_ms: string;
  readonly started_at_ms: string;
  readonly round: number;
  readonly attempts: number;
  readonly value_subject: SubjectId | null;
  readonly value_ciphertext: string | null;
  readonly previous_subject: SubjectId | null;
  readonly previous_ciphertext: string | null;
  readonly overlap_until_ms: string | null;
  readonly is_withdrawn: boolean;
};

export function followedCallOf(row: CallRow): FollowedCall {
  return { ...endpointOf(row), nextSequence: row.next_sequence };
}

export function appEndpointOf(row: AppRow): AppEndpoint {
  return {
    appId: row.app_id,
    accountId: row.account_id,
    mode: row.mode,
    url: { subjectId: row.url_subject, ciphertext: row.url_ciphertext },
    receiver: row.receiver,
    apiVersion: row.api_version,
    secretId: row.secret_id,
  };
}

export function dueDeliveryOf(row: DueRow): DueDelivery {
  return {
    ...endpointOf(row),
    position: position(Number(row.position)),
    eventId: row.event_id,
    eventName: row.event_name,
    sequence: row.sequence,
    occurredAtMs: momentOf(row.occurred_at_ms),
    queuedAtMs: momentOf(row.queued_at_ms),
    startedAtMs: momentOf(row.started_at_ms),
    round: row.round,
    attempts: row.attempts,
    signing: signingOf(row),
    isWithdrawn: row.is_withdrawn,
  };
}

function endpointOf(row: Omit<CallRow, 'next_sequence'>): CallEndpoint {
  return {
    callId: row.call_id,
    endpoint: row.endpoint,
    accountId: row.account_id,
    mode: row.mode,
    appId: row.app_id,
    url: { subjectId: row.url_subject, ciphertext: row.url_ciphertext },
    receiver: row.receiver,
    apiVersion: row.api_version,
  };
}

function signingOf(row: DueRow): DueDelivery['signing'] {
  const value = secretOf(row.value_subject, row.value_ciphertext);
  if (value === null) return null;
  const { overlap_until_ms: until } = row;
  return {
    value,
    previous: secretOf(row.previous_subject, row.previous_ciphertext),
    overlapUntilMs: until === null ? null : momentOf(until),
  };
}

function secretOf(subjectId: SubjectId | null, ciphertext: string | null) {
  return subjectId === null || ciphertext === null ? null : asSecret({ subjectId, ciphertext });
}

function momentOf(text: string): EpochMs {
  return epochMs(Number(text));
}
