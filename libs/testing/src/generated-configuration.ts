import {
  type AppEvent,
  type VoiceAppCreated,
  type VoiceAppSettings,
  voiceAppStatuses,
  webhookApiVersions,
} from '@ringfence/domain/apps/voice-app.events';
import type { DomainEvent } from '@ringfence/domain/domain-event';
import { asSecret, type SealedText } from '@ringfence/domain/shared/values';
import type { WebhookEvent, WebhookSecretCreated } from '@ringfence/domain/webhooks/webhook.events';
import { getOrInsert } from '@ringfence/kernel/get-or-insert';
import type { AccountId, StreamId } from '@ringfence/kernel/ids';
import { addDuration, durationMs, type EpochMs } from '@ringfence/kernel/units';
import { sealedExample } from './examples.js';
import type { PredictableIds } from './predictable-ids.js';
import { SeededRandom } from './seeded-random.js';

/** Generates events about what the test keys of accounts set up: webhook secrets and voice apps. */
export class GeneratedConfiguration {
  readonly #secrets = new Map<AccountId, WebhookSecretCreated[]>();
  readonly #apps = new Map<AccountId, VoiceAppCreated[]>();

  /** Numbers of its own: what else is generated does not depend on it. */
  readonly #random: SeededRandom;

  constructor(
    seed: number,
    private readonly ids: PredictableIds,
  ) {
    this.#random = new SeededRandom(seed);
  }

  /** The next event of an account; undefined: mostly there is none. */
  next(accountId: AccountId, nowMs: EpochMs): WebhookEvent | AppEvent | undefined {
    if (!this.#random.chance(8)) return undefined;
    return this.#random.chance(500) ? this.#ofSecret(accountId, nowMs) : this.#ofApp(accountId, nowMs);
  }

  #ofApp(accountId: AccountId, nowMs: EpochMs): AppEvent {
    const apps = getOrInsert(this.#apps, accountId, () => []);
    const change = this.#random.below(4);
    const app = change < 2 ? undefined : apps.at(this.#random.below(Math.max(1, apps.length)));
    const settings: VoiceAppSettings = {
      name: this.#sealed(),
      flowUrl: this.#sealed(),
      webhookUrl: this.#sealed(),
      fallbackUrl: this.#random.chance(500) ? this.#sealed() : null,
      status: this.#random.oneOf(voiceAppStatuses),
      channelLimit: this.#random.chance(500) ? this.#random.between(1, 100) : null,
      secretId: this.#secrets.get(accountId)?.at(0)?.secretId ?? null,
      webhookApiVersion: this.#random.oneOf(webhookApiVersions),
    };
    if (app === undefined) {
      const appId = this.ids.voiceAppId();
      const created: VoiceAppCreated = { type: 'VoiceAppCreated', appId, mode: 'test', settings, createdAtMs: nowMs };
      apps.push(created);
      return created;
    }
    const { appId, mode } = app;
    if (change === 2) return { type: 'VoiceAppChanged', appId, mode, settings, changedAtMs: nowMs };
    apps.splice(apps.indexOf(app), 1);
    return { type: 'VoiceAppDeleted', appId, mode, deletedAtMs: nowMs };
  }

  #ofSecret(accountId: AccountId, nowMs: EpochMs): WebhookEvent {
    const secrets = getOrInsert(this.#secrets, accountId, () => []);
    const change = this.#random.below(5);
    const secret = change < 2 ? undefined : secrets.at(this.#random.below(Math.max(1, secrets.length)));
    if (secret === undefined) {
      const created = this.#created(nowMs);
      secrets.push(created);
      return created;
    }
    const { secretId, mode, name, createdAtMs, value: previousValue } = secret;
    const of = { secretId, mode, name, createdAtMs };
    if (change === 2) {
      secrets.splice(secrets.indexOf(secret), 1);
      return { type: 'WebhookSecretDeleted', secretId, mode, deletedAtMs: nowMs };
    }
    if (change === 3) {
      const renamed = { name: this.#sealed(), rotatedAtMs: null, overlapUntilMs: null, renamedAtMs: nowMs };
      return { type: 'WebhookSecretRenamed', ...of, ...renamed };
    }
    const rotated = { value: asSecret(this.#sealed()), previousValue, rotatedAtMs: nowMs };
    const overlapUntilMs = addDuration(nowMs, durationMs(86_400_000));
    return { type: 'WebhookSecretRotated', ...of, ...rotated, overlapUntilMs };
  }

  #created(createdAtMs: EpochMs): WebhookSecretCreated {
    const secretId = this.ids.webhookSecretId();
    const value = asSecret(this.#sealed());
    return { type: 'WebhookSecretCreated', secretId, mode: 'test', name: this.#sealed(), value, createdAtMs };
  }

  #sealed(): SealedText {
    return sealedExample(String(this.#random.below(100_000)));
  }
}

/** The subject of an event's envelope, as a lane would write it. */
export function subjectOf(data: DomainEvent, stream: StreamId): string {
  if ('callId' in data) return data.callId;
  if ('keyId' in data) return data.keyId;
  if ('secretId' in data) return data.secretId;
  if ('appId' in data) return data.appId;
  return 'presentedKeyId' in data && data.presentedKeyId !== null ? data.presentedKeyId : stream;
}
