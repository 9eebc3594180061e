import { beginsCall, type BegunCall, begunCall } from '@ringfence/domain/calls/begun-call';
import { createHmac } from 'node:crypto';
import type { AppEvent } from '@ringfence/domain/apps/voice-app.events';
import type { WebhookSecretEvent } from '@ringfence/domain/webhooks/webhook.events';
import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import type { Clock } from '@ringfence/kernel/clock';
import { getOrInsert } from '@ringfence/kernel/get-or-insert';
import type { AccountId, CallId, StreamId, SubjectId, VoiceAppId, WebhookSecretId } from '@ringfence/kernel/ids';
import { parseAccountId } from '@ringfence/kernel/ids';
import { invariant } from '@ringfence/kernel/invariant';
import type { EpochMs } from '@ringfence/kernel/units';
import type {
  AppEndpoint,
  DeliveryLease,
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
  'VoiceAppCreated',
  'VoiceAppChanged',
  'VoiceAppDeleted',
] as const;
type PlannedType = (typeof plannedTypes)[number];
type SecretEnvelope = RecordedEnvelope<Extract<WebhookSecretEvent, { readonly type: PlannedType }>>;
type PlannedEnvelope = RecordedEnvelope<DeliveredEnvelope['data'] | SecretEnvelope['data'] | AppEvent>;

type PlannerParts = {
  readonly vault: Pick<SubjectVault, 'open'>;
  readonly clock: Clock;
  /** Key of the digests of receivers. */
  readonly receiverKey: Uint8Array;
};
/** Calls that have not ended, with their endpoints. */
type FollowedCalls = ReadonlyMap<CallId, readonly FollowedCall[]>;

/** The form of status callbacks of calls without an app. */
const statusCallbackVersion = '2026-06-01';

/**
 * Determines from events which deliveries they require. Calls with endpoints are kept in memory until they end; a plan
 * changes nothing of them until it is accepted, so that a page can be planned again after a failure.
 */
export class DeliveryPlanner {
  readonly #calls = new Map<CallId, readonly FollowedCall[]>();

  private constructor(
    private readonly parts: PlannerParts,
    private readonly lease: Pick<DeliveryLease, 'apps' | 'beginsAtMs'>,
  ) {}

  /** @throws Failure `delivery_queue_unavailable` (retryable) */
  static async open(parts: PlannerParts, lease: DeliveryLease): Promise<DeliveryPlanner> {
    const planner = new DeliveryPlanner(parts, lease);
    planner.#follow(await lease.followed());
    return planner;
  }

  /** @throws Failure `vault_unavailable`, `delivery_queue_unavailable` (retryable) */
  async plan(events: readonly PlannedEnvelope[]): Promise<QueueChange> {
    const [receivers, apps] = await Promise.all([this.#receiversOf(events), this.#appsOf(events)]);
    const plan = new Plan(this.#calls, apps, receivers, this.parts.clock.now());
    for (const envelope of events) {
      if (isAppChange(envelope)) plan.changeApp(envelope);
      if (isSecretChange(envelope)) plan.changeSecret(envelope);
      if (!isDelivered(envelope)) continue;
      // Nobody was promised the webhooks of earlier calls.
      if (beginsCall(envelope.data) && envelope.decidedAtMs >= this.lease.beginsAtMs)
        plan.follow(begunCall(envelope.data));
      plan.deliver(envelope);
    }
    return plan.change();
  }

  /** Makes a plan that was applied the state from which the next one begins. */
  accept({ followed, ended, apps, deletedApps }: QueueChange): void {
    this.#follow(followed);
    for (const callId of ended) this.#calls.delete(callId);
    if (apps.length === 0 && deletedApps.length === 0) return;
    const changed = new Map(apps.map((app) => [app.appId, app]));
    for (const [callId, endpoints] of this.#calls)
      this.#calls.set(callId, asAppsAre(endpoints, changed, new Set(deletedApps)));
  }

  #follow(endpoints: readonly FollowedCall[]): void {
    const byCall = new Map<CallId, FollowedCall[]>();
    for (const each of endpoints) getOrInsert(byCall, each.callId, () => []).push(each);
    for (const [callId, its] of byCall) this.#calls.set(callId, its);
  }

  /** The apps of calls that begin, as they were before these events. */
  async #appsOf(events: readonly PlannedEnvelope[]): Promise<ReadonlyMap<VoiceAppId, AppEndpoint>> {
    const named = events.flatMap(({ data }) => (beginsCall(data) ? (data.voiceAppId ?? []) : []));
    const known = named.length === 0 ? [] : await this.lease.apps([...new Set(named)]);
    return new Map(known.map((app) => [app.appId, app]));
  }

  /** The receivers of the addresses in these events, by subject. An address that was erased has none. */
  async #receiversOf(events: readonly PlannedEnvelope[]): Promise<ReadonlyMap<SubjectId, string>> {
    const asked = events.flatMap(({ stream, data }) => {
      if (data.type === 'CallPlaced' && data.statusCallbackUrl !== null)
        return [{ accountId: stream, mode: data.mode, url: data.statusCallbackUrl }];
      return data.type === 'VoiceAppCreated' || data.type === 'VoiceAppChanged'
        ? [{ accountId: stream, mode: data.mode, url: data.settings.webhookUrl }]
        : [];
    });
    if (asked.length === 0) return new Map();
    const texts = await this.parts.vault.open(asked.map(({ url }) => url));
    return new Map(
      asked.flatMap(({ accountId, mode, url }, at) => {
        const text = texts[at] ?? null;
        return text === null ? [] : [[url.subjectId, this.#receiver(`${accountId}\n${mode}`, text)] as const];
      }),
    );
  }

  #receiver(owner: string, url: string): string {
    const origin = URL.canParse(url) ? new URL(url).origin : url;
    const { receiverKey } = this.parts;
    return createHmac('sha256', receiverKey).update(`${owner}\n${origin}`).digest('base64url').slice(0, 22);
  }
}

/** The receiver of addresses that were erased before they were seen: an attempt finds nothing to send to. */
const erasedReceiver = 'erased';

/** The change of one page, as far as its events were looked at. */
class Plan {
  readonly #followed = new Map<CallId, readonly FollowedCall[]>();
  readonly #ended = new Set<CallId>();
  readonly #deliveries: QueuedDelivery[] = [];
  readonly #secrets = new Map<WebhookSecretId, SigningSecret>();
  readonly #deletedSecrets = new Set<WebhookSecretId>();
  readonly #apps = new Map<VoiceAppId, AppEndpoint>();
  readonly #deletedApps = new Set<VoiceAppId>();

  constructor(
    private readonly before: FollowedCalls,
    private readonly appsBefore: ReadonlyMap<VoiceAppId, AppEndpoint>,
    private readonly receivers: ReadonlyMap<SubjectId, string>,
    private readonly nowMs: EpochMs,
  ) {}

  follow({ callId, accountId, mode, statusCallbackUrl: url, voiceAppId }: BegunCall): void {
    const app = voiceAppId === null ? undefined : this.#appOf(voiceAppId);
    const appId = app?.appId ?? null;
    const apiVersion = app?.apiVersion ?? statusCallbackVersion;
    const of = { callId, accountId, mode, appId, apiVersion, nextSequence: 0 };
    const receiver = url === null ? undefined : this.receivers.get(url.subjectId);
    const endpoints: FollowedCall[] = [];
    if (url !== null && receiver !== undefined) endpoints.push({ ...of, endpoint: 'status_callback', url, receiver });
    if (app !== undefined) endpoints.push({ ...of, endpoint: 'app', url: app.url, receiver: app.receiver });
    if (endpoints.length > 0) this.#followed.set(callId, endpoints);
  }

  deliver({ id: eventId, position, decidedAtMs, data }: DeliveredEnvelope): void {
    const { callId } = data;
    const endpoints = this.#ended.has(callId) ? [] : (this.#followed.get(callId) ?? this.before.get(callId) ?? []);
    if (endpoints.length === 0) return;
    const moments = { occurredAtMs: decidedAtMs, queuedAtMs: this.nowMs };
    const event = { position, eventId, eventName: callEventName(data), ...moments };
    for (const { nextSequence: sequence, ...endpoint } of endpoints)
      this.#deliveries.push({ ...endpoint, ...event, sequence });
    if (data.type === 'CallCompleted' || data.type === 'CallFailed') {
      this.#followed.delete(callId);
      this.#ended.add(callId);
      return;
    }
    const next = endpoints.map((each) => ({ ...each, nextSequence: each.nextSequence + 1 }));
    this.#followed.set(callId, next);
  }

  changeApp({ stream, data }: RecordedEnvelope<AppEvent>): void {
    const { appId, mode } = data;
    if (data.type === 'VoiceAppDeleted') {
      this.#apps.delete(appId);
      this.#deletedApps.add(appId);
    } else {
      const { webhookUrl: url, secretId, webhookApiVersion: apiVersion } = data.settings;
      const receiver = this.receivers.get(url.subjectId) ?? erasedReceiver;
      const accountId = accountOf(stream);
      this.#apps.set(appId, { appId, accountId, mode, url, receiver, apiVersion, secretId });
    }
    for (const [callId, endpoints] of this.#followed)
      this.#followed.set(callId, asAppsAre(endpoints, this.#apps, this.#deletedApps));
  }

  changeSecret({ stream, data }: SecretEnvelope): void {
    const { secretId, mode } = data;
    if (data.type === 'WebhookSecretDeleted') {
      this.#secrets.delete(secretId);
      this.#deletedSecrets.add(secretId);
      return;
    }
    const overlap =
      data.type === 'WebhookSecretRotated'
        ? { previous: data.previousValue, overlapUntilMs: data.overlapUntilMs }
        : { previous: null, overlapUntilMs: null };
    this.#secrets.set(secretId, { secretId, accountId: accountOf(stream), mode, value: data.value, ...overlap });
  }

  change(): QueueChange {
    return {
      followed: [...this.#followed.values()].flat(),
      ended: [...this.#ended],
      deliveries: this.#deliveries,
      secrets: [...this.#secrets.values()],
      deletedSecrets: [...this.#deletedSecrets],
      apps: [...this.#apps.values()],
      deletedApps: [...this.#deletedApps],
    };
  }

  #appOf(appId: VoiceAppId): AppEndpoint | undefined {
    return this.#deletedApps.has(appId) ? undefined : (this.#apps.get(appId) ?? this.appsBefore.get(appId));
  }
}

/** Endpoints of a call after changes of apps: they go where an app says now, and nowhere for a deleted one. */
function asAppsAre(
  endpoints: readonly FollowedCall[],
  changed: ReadonlyMap<VoiceAppId, AppEndpoint>,
  deleted: ReadonlySet<VoiceAppId>,
): readonly FollowedCall[] {
  return endpoints.flatMap((each) => {
    if (each.appId === null) return [each];
    if (deleted.has(each.appId)) return each.endpoint === 'app' ? [] : [each];
    const app = changed.get(each.appId);
    if (app === undefined) return [each];
    const { apiVersion, url, receiver } = app;
    return [each.endpoint === 'app' ? { ...each, apiVersion, url, receiver } : { ...each, apiVersion }];
  });
}

function accountOf(stream: StreamId): AccountId {
  const accountId = parseAccountId(stream);
  invariant(accountId !== undefined, 'apps and secrets belong to an account');
  return accountId;
}

const appTypes: ReadonlySet<string> = new Set<AppEvent['type']>([
  'VoiceAppCreated',
  'VoiceAppChanged',
  'VoiceAppDeleted',
]);

function isAppChange(envelope: PlannedEnvelope): envelope is RecordedEnvelope<AppEvent> {
  return appTypes.has(envelope.data.type);
}

function isSecretChange(envelope: PlannedEnvelope): envelope is SecretEnvelope {
  return !isDelivered(envelope) && !isAppChange(envelope);
}
