import {
  type AppEvent,
  type VoiceAppCreated,
  type VoiceAppSettings,
  voiceAppStatuses,
  webhookApiVersions,
} from '@ringfence/domain/apps/voice-app.events';
import type { DomainEvent } from '@ringfence/domain/domain-event';
import { asSecret, type SealedText } from '@ringfence/domain/shared/values';
import type { IpListCreated } from '@ringfence/domain/trunks/ip-list.events';
import { sipTransports, type SipTrunkCreated, type SipTrunkSettings } from '@ringfence/domain/trunks/sip-trunk.events';
import type { TrunkEvent } from '@ringfence/domain/trunks/trunk.events';
import type { WebhookEvent, WebhookSecretCreated } from '@ringfence/domain/webhooks/webhook.events';
import { getOrInsert } from '@ringfence/kernel/get-or-insert';
import type { AccountId, StreamId } from '@ringfence/kernel/ids';
import { addDuration, durationMs, type EpochMs } from '@ringfence/kernel/units';
import { sealedExample } from './examples.js';
import type { PredictableIds } from './predictable-ids.js';
import { SeededRandom } from './seeded-random.js';

/** Generates events about what the test keys of accounts set up: webhook secrets, voice apps, IP lists and trunks. */
export class GeneratedConfiguration {
  readonly #secrets = new Map<AccountId, WebhookSecretCreated[]>();
  readonly #apps = new Map<AccountId, VoiceAppCreated[]>();
  readonly #lists = new Map<AccountId, IpListCreated[]>();
  readonly #trunks = new Map<AccountId, SipTrunkCreated[]>();

  /** Numbers of its own: what else is generated does not depend on it. */
  readonly #random: SeededRandom;

  constructor(
    seed: number,
    private readonly ids: PredictableIds,
  ) {
    this.#random = new SeededRandom(seed);
  }

  /** The next event of an account; undefined: mostly there is none. */
  next(accountId: AccountId, nowMs: EpochMs): WebhookEvent | AppEvent | TrunkEvent | undefined {
    if (!this.#random.chance(16)) return undefined;
    if (this.#random.chance(500))
      return this.#random.chance(500) ? this.#ofIpList(accountId, nowMs) : this.#ofTrunk(accountId, nowMs);
    return this.#random.chance(500) ? this.#ofSecret(accountId, nowMs) : this.#ofApp(accountId, nowMs);
  }

  #ofIpList(accountId: AccountId, nowMs: EpochMs): TrunkEvent {
    const lists = getOrInsert(this.#lists, accountId, () => []);
    const change = this.#random.below(4);
    const list = change < 2 ? undefined : lists.at(this.#random.below(Math.max(1, lists.length)));
    const addresses = Array.from({ length: this.#random.between(1, 4) }, () => ({
      address: this.#sealed(),
      description: this.#random.chance(500) ? this.#sealed() : null,
    }));
    const settings = { name: this.#sealed(), addresses };
    if (list === undefined) {
      const ipListId = this.ids.ipListId();
      const created: IpListCreated = { type: 'IpListCreated', ipListId, mode: 'test', settings, createdAtMs: nowMs };
      lists.push(created);
      return created;
    }
    const { ipListId, mode, createdAtMs } = list;
    if (change === 2) return { type: 'IpListChanged', ipListId, mode, settings, createdAtMs, changedAtMs: nowMs };
    lists.splice(lists.indexOf(list), 1);
    return { type: 'IpListDeleted', ipListId, mode, deletedAtMs: nowMs };
  }

  #ofTrunk(accountId: AccountId, nowMs: EpochMs): TrunkEvent {
    const trunks = getOrInsert(this.#trunks, accountId, () => []);
    const change = this.#random.below(4);
    const trunk = change < 2 ? undefined : trunks.at(this.#random.below(Math.max(1, trunks.length)));
    const settings = this.#trunkSettings(accountId);
    if (trunk === undefined) {
      const trunkId = this.ids.sipTrunkId();
      const created: SipTrunkCreated = { type: 'SipTrunkCreated', trunkId, mode: 'test', settings, createdAtMs: nowMs };
      trunks.push(created);
      return created;
    }
    const { trunkId, mode, createdAtMs } = trunk;
    if (change === 2) return { type: 'SipTrunkChanged', trunkId, mode, settings, createdAtMs, changedAtMs: nowMs };
    trunks.splice(trunks.indexOf(trunk), 1);
    return { type: 'SipTrunkDeleted', trunkId, mode, deletedAtMs: nowMs };
  }

  #trunkSettings(accountId: AccountId): SipTrunkSettings {
    const ipListId = this.#lists.get(accountId)?.at(0)?.ipListId;
    const addresses = [{ name: this.#random.chance(500) ? this.#sealed() : null, address: this.#sealed() }];
    return {
      name: this.#sealed(),
      authentication: this.#random.oneOf([
        { kind: 'credential', username: this.#sealed(), digests: asSecret(this.#sealed()) },
        ipListId === undefined ? { kind: 'addresses', addresses } : { kind: 'ip_list', ipListId },
        { kind: 'addresses', addresses },
      ]),
      transport: this.#random.oneOf(sipTransports),
      isActive: this.#random.chance(500),
      channelLimit: this.#random.chance(500) ? this.#random.between(1, 100) : null,
      cpsLimit: null,
      recordingEnabled: this.#random.chance(500),
      inboundRoute: this.#random.chance(500)
        ? { name: this.#sealed(), sipUrl: this.#sealed(), sipUser: this.#random.chance(500) ? this.#sealed() : null }
        : null,
      webhookUrl: this.#random.chance(500) ? this.#sealed() : null,
      webhookApiVersion: this.#random.oneOf(webhookApiVersions),
      secretId: this.#secrets.get(accountId)?.at(0)?.secretId ?? null,
    };
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
      answeringKeyId: null,
    };
    if (app === undefined) {
      const appId = this.ids.voiceAppId();
      const of = { appId, mode: 'test', settings, numberIds: [] } as const;
      const created: VoiceAppCreated = { type: 'VoiceAppCreated', ...of, createdAtMs: nowMs };
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
  if ('numberId' in data) return data.numberId;
  if ('secretId' in data) return data.secretId;
  if ('appId' in data) return data.appId;
  if ('ipListId' in data) return data.ipListId;
  if ('trunkId' in data) return data.trunkId;
  return 'presentedKeyId' in data && data.presentedKeyId !== null ? data.presentedKeyId : stream;
}
