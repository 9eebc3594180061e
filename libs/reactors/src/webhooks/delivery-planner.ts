import { createHmac } from 'node:crypto';
import type { CallPlaced } from '@ringfence/domain/calls/call.events';
import type { SealedText } from '@ringfence/domain/shared/values';
import type { WebhookSecretEvent } from '@ringfence/domain/webhooks/webhook.events';
import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import type { Clock } from '@ringfence/kernel/clock';
import { type CallId, parseAccountId, type WebhookSecretId } from '@ringfence/kernel/ids';
import { invariant } from '@ringfence/kernel/invariant';
import type { EpochMs } from '@ringfence/kernel/units';
import type {
  FollowedCall,
  QueueChange,
  QueuedDelivery,
  SigningSecret,
} from '@ringfence/ports/deliveries/delivery-queue';
import type { SubjectVault } from '@ringfence/ports/vault/subject-vault';
import { callEventName } from '@ringfence/wire/calls/call-event-body';
import { type DeliveredEnvelope, deliveredTypes, isDelivered } from '@ringfence/wire/webhooks/webhook-body';

export const plannedTypes = [
  ...deliveredTypes,
  'WebhookSecretCreated',
  'WebhookSecretRotated',
  'WebhookSecretDeleted',
] as const;
type PlannedType = (typeof plannedTypes)[number];
type SecretEnvelope = RecordedEnvelope<Extract<WebhookSecretEvent, { readonly type: PlannedType }>>;
type PlannedEnvelope = RecordedEnvelope<DeliveredEnvelope['data'] | SecretEnvelope['data']>;

type PlannerParts = {
  readonly vault: Pick<SubjectVault, 'open'>;
  readonly clock: Clock;
  /** Key of the digests of receivers. */
  readonly receiverKey: Uint8Array;
};

/** The form of status callbacks of calls without an app. */
const statusCallbackVersion = '2026-06-01';

/**
 * Determines from events which deliveries they require. Calls with endpoints are kept in memory until they end; a plan
 * changes nothing of them until it is accepted, so that a page can be planned again after a failure.
 */
export class DeliveryPlanner {
  readonly #calls: Map<CallId, FollowedCall>;

  /** @param beginsAtMs calls that were placed earlier are not followed */
  constructor(
    private readonly parts: PlannerParts,
    private readonly beginsAtMs: EpochMs,
    followed: readonly FollowedCall[],
  ) {
    this.#calls = new Map(followed.map((call) => [call.callId, call]));
  }

  /** @throws Failure `vault_unavailable` (retryable) */
  async plan(events: readonly PlannedEnvelope[]): Promise<QueueChange> {
    const plan = new Plan(this.#calls, this.parts.clock.now());
    const receivers = await this.#receiversOf(events);
    for (const envelope of events) {
      if (isSecretChange(envelope)) plan.changeSecret(envelope);
      if (!isDelivered(envelope)) continue;
      const call = receivers.get(envelope.data.callId);
      if (envelope.data.type === 'CallPlaced' && call !== undefined) plan.follow(call);
      plan.deliver(envelope);
    }
    return plan.change();
  }

  /** Makes a plan that was applied the state from which the next one begins. */
  accept({ followed, ended }: QueueChange): void {
    for (const call of followed) this.#calls.set(call.callId, call);
    for (const callId of ended) this.#calls.delete(callId);
  }

  /** The calls that are placed with an endpoint. An address that was erased is none. */
  async #receiversOf(events: readonly PlannedEnvelope[]): Promise<ReadonlyMap<CallId, FollowedCall>> {
    const placed = events.flatMap((envelope) => {
      if (!isDelivered(envelope) || envelope.decidedAtMs < this.beginsAtMs) return [];
      const { data } = envelope;
      return data.type === 'CallPlaced' && data.statusCallbackUrl !== null
        ? [{ data, url: data.statusCallbackUrl }]
        : [];
    });
    if (placed.length === 0) return new Map();
    const texts = await this.parts.vault.open(placed.map(({ url }) => url));
    return new Map(
      placed.flatMap(({ data, url }, at) => {
        const text = texts[at] ?? null;
        return text === null ? [] : [[data.callId, this.#followed(data, url, text)] as const];
      }),
    );
  }

  #followed({ callId, accountId, mode }: CallPlaced, url: SealedText, text: string): FollowedCall {
    const origin = URL.canParse(text) ? new URL(text).origin : text;
    const receiver = createHmac('sha256', this.parts.receiverKey)
      .update(`${accountId}\n${mode}\n${origin}`)
      .digest('base64url')
      .slice(0, 22);
    const endpoint = 'status_callback';
    return { callId, accountId, mode, endpoint, url, receiver, apiVersion: statusCallbackVersion, nextSequence: 0 };
  }
}

/** The change of one page, as far as its events were looked at. */
class Plan {
  readonly #followed = new Map<CallId, FollowedCall>();
  readonly #ended = new Set<CallId>();
  readonly #deliveries: QueuedDelivery[] = [];
  readonly #secrets = new Map<WebhookSecretId, SigningSecret>();
  readonly #deletedSecrets = new Set<WebhookSecretId>();

  constructor(
    private readonly before: ReadonlyMap<CallId, FollowedCall>,
    private readonly nowMs: EpochMs,
  ) {}

  follow(call: FollowedCall): void {
    this.#followed.set(call.callId, call);
  }

  deliver({ id: eventId, position, decidedAtMs, data }: DeliveredEnvelope): void {
    const call = this.#ended.has(data.callId)
      ? undefined
      : (this.#followed.get(data.callId) ?? this.before.get(data.callId));
    if (call === undefined) return;
    const { nextSequence: sequence, ...endpoint } = call;
    this.#deliveries.push({
      ...endpoint,
      position,
      eventId,
      eventName: callEventName(data),
      sequence,
      occurredAtMs: decidedAtMs,
      queuedAtMs: this.nowMs,
    });
    if (data.type !== 'CallCompleted' && data.type !== 'CallFailed') {
      this.#followed.set(data.callId, { ...call, nextSequence: sequence + 1 });
      return;
    }
    this.#followed.delete(data.callId);
    this.#ended.add(data.callId);
  }

  changeSecret({ stream, data }: SecretEnvelope): void {
    const { secretId, mode } = data;
    if (data.type === 'WebhookSecretDeleted') {
      this.#secrets.delete(secretId);
      this.#deletedSecrets.add(secretId);
      return;
    }
    const accountId = parseAccountId(stream);
    invariant(accountId !== undefined, 'a secret belongs to an account');
    const overlap =
      data.type === 'WebhookSecretRotated'
        ? { previous: data.previousValue, overlapUntilMs: data.overlapUntilMs }
        : { previous: null, overlapUntilMs: null };
    this.#secrets.set(secretId, { secretId, accountId, mode, value: data.value, ...overlap });
  }

  change(): QueueChange {
    return {
      followed: [...this.#followed.values()],
      ended: [...this.#ended],
      deliveries: this.#deliveries,
      secrets: [...this.#secrets.values()],
      deletedSecrets: [...this.#deletedSecrets],
    };
  }
}

function isSecretChange(envelope: PlannedEnvelope): envelope is SecretEnvelope {
  return !isDelivered(envelope);
}
