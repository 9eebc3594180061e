import type { CallPlaced } from '@ringfence/domain/calls/call.events';
import type { DomainEvent } from '@ringfence/domain/domain-event';
import type { Actor, Authority, Mode, SealedText } from '@ringfence/domain/shared/values';
import { ceTypeOf } from '@ringfence/event-catalog/event-catalog';
import { encodeEvent } from '@ringfence/event-catalog/event-codec';
import { hashOf, noPrevHash } from '@ringfence/event-catalog/hash';
import { batchEventsMax, type EventStore, type EventToAppend } from '@ringfence/ports/log/event-store';
import { type AccountId, type KeyId, type LogId, platformStream, type StreamId } from '@ringfence/kernel/ids';
import {
  addMicros,
  durationMs,
  epochMs,
  type EpochMs,
  localDay,
  type LocalDay,
  micros,
  streamVersion,
  subtractMicros,
} from '@ringfence/kernel/units';
import { exampleKeyIssued, exampleSigningKeyRegistered, exampleTerms, nine } from './examples.js';
import { GeneratedConfiguration, subjectOf } from './generated-configuration.js';
import { PredictableIds } from './predictable-ids.js';
import { SeededRandom } from './seeded-random.js';

type GeneratedHistoryShape = {
  readonly seed: number;
  readonly accounts: number;
  readonly keysPerAccount: number;
  /** The most live calls at once, over all accounts. */
  readonly liveCalls: number;
};
const shapeDefault: GeneratedHistoryShape = { seed: 1, accounts: 20, keysPerAccount: 3, liveCalls: 300 };

type Appended = { readonly stream: StreamId; readonly event: EventToAppend };
type GeneratedKey = {
  readonly keyId: KeyId;
  readonly signs: boolean;
  readonly project: string;
  readonly application: string;
  version: number;
};
type GeneratedAccount = { readonly accountId: AccountId; readonly keys: readonly GeneratedKey[]; suspended: boolean };
type GeneratedCall = {
  readonly account: GeneratedAccount;
  readonly authority: Authority;
  readonly placed: CallPlaced;
  reserved: bigint;
  stage: 'placed' | 'ringing' | 'answered';
};

/**
 * Generates histories for tests and benchmarks, with the shapes, sizes and proportions of real ones: accounts, keys and
 * whole lives of calls of many accounts, interleaved, with consistent money. The same seed gives the same bytes.
 */
export class GeneratedHistory {
  readonly #shape: GeneratedHistoryShape;
  readonly #ids = new PredictableIds();
  readonly #logId: LogId = this.#ids.logId();
  readonly #ends = new Map<StreamId, { version: number; prevHash: string }>();
  readonly #accounts: GeneratedAccount[] = [];
  readonly #calls: GeneratedCall[] = [];
  #nowMs: EpochMs = nine;
  readonly #random: SeededRandom;
  readonly #configuration: GeneratedConfiguration;
  #made: Appended[] = [];

  constructor(shape: Partial<GeneratedHistoryShape> = {}) {
    this.#shape = { ...shapeDefault, ...shape };
    this.#random = new SeededRandom(this.#shape.seed);
    this.#configuration = new GeneratedConfiguration(this.#shape.seed, this.#ids);
    const openedAtMs = this.#nowMs;
    this.#emit(platformStream, operator, { type: 'LogOpened', logId: this.#logId, laneCount: 64, openedAtMs });
    for (let index = 0; index < this.#shape.accounts; index += 1) this.#openAccount();
  }

  get accountIds(): readonly AccountId[] {
    return this.#accounts.map(({ accountId }) => accountId);
  }

  /** Returns the next events, in order. */
  next(count: number): readonly Appended[] {
    while (this.#made.length < count) this.#step();
    const made = this.#made.slice(0, count);
    this.#made = this.#made.slice(count);
    return made;
  }

  /** Generates one more event of a stream. @returns the number of events that are generated and not yet taken */
  record(stream: StreamId, event: DomainEvent): number {
    this.#emit(stream, operator, event);
    return this.#made.length;
  }

  /** Appends the next events; within one append they are grouped by stream. */
  async appendTo(store: EventStore, count: number): Promise<void> {
    for (let left = count; left > 0; left -= batchEventsMax) {
      const byStream = new Map<StreamId, EventToAppend[]>();
      const before = new Map<StreamId, number>();
      for (const { stream, event } of this.next(Math.min(left, batchEventsMax))) {
        const events = byStream.get(stream) ?? [];
        events.push(event);
        byStream.set(stream, events);
        before.set(stream, this.#appended.get(stream) ?? 0);
      }
      const appends = [...byStream].map(([stream, events]) => {
        this.#appended.set(stream, (before.get(stream) ?? 0) + events.length);
        return { stream, expectedVersion: streamVersion(before.get(stream) ?? 0), events, nextDueMs: null };
      });
      await store.append({ appends, unchanged: [], outcomes: [], fences: [] });
    }
  }
  readonly #appended = new Map<StreamId, number>();

  #openAccount(): void {
    const accountId = this.#ids.accountId();
    const at = this.#nowMs;
    const keys: GeneratedKey[] = [];
    this.#emit(accountId, operator, {
      type: 'AccountOpened',
      accountId,
      name: this.#sealed(),
      currency: 'USD',
      region: 'eu',
      timeZone: 'Europe/Berlin',
      openedAtMs: at,
    });
    this.#emit(accountId, operator, { type: 'AccountVerified', accountId, verifiedAtMs: at });
    for (const mode of ['live', 'test'] as const) {
      const amountMicros = micros(1_000_000_000_000n);
      this.#emit(accountId, operator, {
        type: 'CreditAdded',
        accountId,
        mode,
        amountMicros,
        reference: null,
        addedAtMs: at,
      });
    }
    for (let index = 0; index < this.#shape.keysPerAccount; index += 1) {
      const project = `project-${String(index % 2)}`;
      const application = `application-${String(index)}`;
      const issued = exampleKeyIssued({ project, application }, this.#ids.keyId());
      const parentKeyId = index === 2 ? (keys[0]?.keyId ?? null) : null;
      this.#emit(accountId, operator, { ...issued, accountId, parentKeyId, issuedAtMs: at });
      keys.push({ keyId: issued.keyId, signs: false, project, application, version: 1 });
    }
    const labels = { project: 'project-0', application: 'night-batch' };
    const signing = exampleSigningKeyRegistered(labels, this.#ids.keyId());
    this.#emit(accountId, operator, { ...signing, accountId, registeredAtMs: at });
    keys.push({ keyId: signing.keyId, signs: true, ...labels, version: 1 });
    this.#accounts.push({ accountId, keys, suspended: false });
  }

  #step(): void {
    this.#nowMs = epochMs(this.#nowMs + this.#random.below(20));
    const account = this.#random.oneOf(this.#accounts);
    const chance = this.#random.below(1_000);
    const configured = this.#configuration.next(account.accountId, this.#nowMs);
    if (configured !== undefined) this.#emit(account.accountId, operator, configured);
    if (chance < 2) this.#changeKey(account);
    else if (chance < 5) this.#turnAway(account);
    else if (chance < 14) this.#changeAccount(account);
    else if (chance < 60) this.#refuse(account);
    else if (this.#calls.length < this.#shape.liveCalls && chance < 400) this.#place(account);
    else if (this.#calls.length > 0) this.#progress(this.#random.below(this.#calls.length));
  }

  #changeKey({ accountId, keys }: GeneratedAccount): void {
    const key = this.#random.oneOf(keys);
    const { digest, secretHint, policy, policyHash } = exampleKeyIssued({
      project: key.project,
      application: key.application,
      callsPerSecond: 1 + this.#random.below(100),
    });
    key.version += 1;
    const at = this.#nowMs;
    const { keyId, version: keyVersion } = key;
    const rotated = { overlapUntilMs: epochMs(at + 60_000), previousDigest: digest, keyVersion, rotatedAtMs: at };
    if (!key.signs && this.#random.below(2) === 0)
      this.#emit(accountId, operator, { type: 'KeyRotated', keyId, digest, secretHint, ...rotated });
    else
      this.#emit(accountId, operator, {
        type: 'KeyPolicyChanged',
        keyId,
        policy,
        policyHash,
        keyVersion,
        changedAtMs: at,
      });
  }

  #changeAccount(account: GeneratedAccount): void {
    const { accountId } = account;
    const at = this.#nowMs;
    if (this.#random.below(2) === 0) {
      if (account.suspended)
        this.#emit(accountId, operator, { type: 'AccountResumed', accountId, status: 'active', resumedAtMs: at });
      else
        this.#emit(accountId, operator, { type: 'AccountSuspended', accountId, reason: 'unpaid', suspendedAtMs: at });
      account.suspended = !account.suspended;
      return;
    }
    if (this.#random.below(4) === 0) {
      const { localDay: day, zoneData } = dayOf(at);
      const timeZone = this.#random.oneOf(['Europe/Berlin', 'Asia/Tokyo', 'America/New_York'] as const);
      const fromMs = epochMs(at + this.#random.below(2_000));
      const change = { accountId, timeZone, fromMs, firstDay: day, sharesWith: null, zoneData, changedAtMs: at };
      this.#emit(accountId, operator, { type: 'AccountTimeZoneChanged', ...change });
      return;
    }
    const limits = () => ({
      callsPerSecond: 1 + this.#random.below(1_000),
      burstCalls: 1 + this.#random.below(1_000),
      linesMax: this.#random.below(1_000),
      dailySpendMicrosMax: this.#random.below(2) === 0 ? null : micros(BigInt(this.#random.below(1_000_000_000))),
    });
    const mode = this.#random.oneOf(['live', 'test'] as const);
    const set = { accountId, mode, limits: limits(), approved: limits(), setAtMs: at };
    this.#emit(accountId, operator, { type: 'AccountLimitsSet', ...set });
  }

  #turnAway({ accountId, keys }: GeneratedAccount): void {
    const at = this.#nowMs;
    const signing = keys.filter(({ signs }) => signs).map(({ keyId }) => keyId);
    const of = { presentedKeyId: this.#random.oneOf([...signing, null]), code: 'signature_invalid' } as const;
    if (this.#random.below(2) === 0) {
      const rejection = { ...of, commandType: 'place_call', count: 1, turnedAwayAtMs: at };
      this.#emit(accountId, worker, { type: 'CommandTurnedAway', ...rejection });
      return;
    }
    const count = 1 + this.#random.below(50);
    const secondStartMs = epochMs(at - (at % 1_000));
    this.#emit(accountId, timer, { type: 'CommandsTurnedAwayCounted', ...of, secondStartMs, count, countedAtMs: at });
  }

  #refuse({ accountId, keys }: GeneratedAccount): void {
    const presentedKeyId = this.#random.oneOf(keys).keyId;
    const at = this.#nowMs;
    const code = this.#random.oneOf(['rate_limited', 'lines_exhausted', 'balance_insufficient'] as const);
    // Refusals of earlier versions have no day.
    const day = this.#random.below(4) === 0 ? { localDay: null, zoneData: null } : dayOf(at);
    const of = { presentedKeyId, mode: 'test', code, ...day } as const;
    if (this.#random.below(2) === 0) {
      this.#emit(accountId, timer, { type: 'CallRefused', ...of, to: null, refusedAtMs: at });
      return;
    }
    const counted = { secondStartMs: epochMs(at - (at % 1_000)), count: 1 + this.#random.below(50), countedAtMs: at };
    this.#emit(accountId, timer, { type: 'CallRefusalsCounted', ...of, ...counted });
  }

  #place(account: GeneratedAccount): void {
    const key = this.#random.oneOf(account.keys);
    const reservedMicros = micros(BigInt(1_000 + this.#random.below(100_000)));
    const attemptId = this.#ids.eventId();
    const placed: CallPlaced = {
      type: 'CallPlaced',
      callId: this.#ids.callId(),
      legId: this.#ids.legId(),
      attemptId,
      accountId: account.accountId,
      keyId: key.keyId,
      mode: this.#random.oneOf(['live', 'test', 'test'] as const),
      project: key.project,
      application: key.application,
      voiceAppId: null,
      from: this.#sealed(),
      to: this.#sealed(),
      flowUrl: this.#sealed(),
      statusCallbackUrl: this.#random.below(2) === 0 ? null : this.#sealed(),
      record: true,
      ringTimeoutMs: durationMs(60_000),
      ...exampleTerms,
      authorisedForMs: durationMs(300_000),
      reservedMicros,
      ...dayOf(this.#nowMs),
      placedAtMs: this.#nowMs,
    };
    const authority = { keyId: key.keyId, keyVersion: key.version, policyHash: 'cd'.repeat(32) };
    this.#calls.push({ account, authority, placed, reserved: reservedMicros, stage: 'placed' });
    const by: Actor = { kind: 'key', id: key.keyId, version: key.version };
    this.#emit(account.accountId, by, placed, authority);
  }

  #progress(index: number): void {
    const call = this.#calls[index];
    if (call === undefined) return;
    const at = this.#nowMs;
    const { callId, legId, keyId, attemptId, mode, project, application } = call.placed;
    const ofCall = { callId, legId, keyId };
    if (call.stage === 'placed' && this.#random.below(10) > 0) {
      call.stage = 'ringing';
      this.#about(call, { type: 'CallRinging', ...ofCall, attemptId, ringingAtMs: at });
    } else if (call.stage === 'ringing' && this.#random.below(10) > 2) {
      call.stage = 'answered';
      this.#about(call, { type: 'CallAnswered', ...ofCall, attemptId, answeredAtMs: at });
    } else if (call.stage === 'answered' && this.#random.below(20) === 0) {
      const addedMicros = micros(BigInt(1 + this.#random.below(10_000)));
      call.reserved += addedMicros;
      const sums = { authorisedForMs: durationMs(600_000), addedMicros, reservedMicros: micros(call.reserved) };
      this.#about(call, {
        type: 'CallExtended',
        ...ofCall,
        mode,
        ...sums,
        ...dayOf(at),
        extendedAtMs: at,
      });
    } else this.#end(index, call, { mode, project, application, ...dayOf(at), endedAtMs: at });
  }

  #end(
    index: number,
    call: GeneratedCall,
    of: {
      readonly mode: Mode;
      readonly project: string;
      readonly application: string;
      readonly localDay: LocalDay;
      readonly zoneData: string;
      readonly endedAtMs: EpochMs;
    },
  ): void {
    const { callId, legId, keyId } = call.placed;
    this.#calls[index] = this.#calls.at(-1) ?? call;
    this.#calls.pop();
    const reserved = micros(call.reserved);
    if (call.stage !== 'answered') {
      const failed = { callId, legId, keyId, ...of, cause: 'busy', releasedMicros: reserved } as const;
      this.#about(call, { type: 'CallFailed', ...failed });
      return;
    }
    const chargedMicros = micros(BigInt(this.#random.below(1_000)));
    const releasedMicros = subtractMicros(reserved, chargedMicros);
    const talkTimeMs = durationMs(this.#random.below(300_000));
    this.#about(call, {
      type: 'CallCompleted',
      callId,
      legId,
      keyId,
      ...of,
      cause: 'callee_hangup',
      endedBy: 'callee',
      talkTimeMs,
      billedMs: durationMs(Math.ceil(talkTimeMs / 1_000) * 1_000),
      chargedMicros,
      releasedMicros,
    });
    call.reserved = addMicros(chargedMicros, releasedMicros);
  }

  #about(call: GeneratedCall, event: DomainEvent): void {
    this.#emit(call.account.accountId, worker, event, call.authority);
  }

  #emit(stream: StreamId, issuedBy: Actor, data: DomainEvent, onBehalfOf: Authority | null = null): void {
    const { version, prevHash } = this.#ends.get(stream) ?? { version: 0, prevHash: noPrevHash };
    const presentedKeyId = 'presentedKeyId' in data ? data.presentedKeyId : null;
    const subject = subjectOf(data, stream);
    const bytes = encodeEvent({
      id: data.type === 'CallPlaced' ? data.attemptId : this.#ids.eventId(),
      logId: this.#logId,
      stream,
      version: streamVersion(version + 1),
      subject,
      decidedAtMs: this.#nowMs,
      commandId: this.#ids.commandId(),
      mode: 'mode' in data ? data.mode : 'live',
      issuedBy,
      onBehalfOf,
      presentedKeyId,
      traceparent: null,
      prevHash,
      salt: this.#hex(32),
      data,
    });
    this.#ends.set(stream, { version: version + 1, prevHash: hashOf(bytes) });
    this.#made.push({ stream, event: { type: ceTypeOf(data), subject, bytes } });
  }

  #sealed(): SealedText {
    const subject = String(this.#random.below(100_000)).padStart(26, '0');
    return { subjectId: `sub_${subject}` as SealedText['subjectId'], ciphertext: this.#hex(54) };
  }

  #hex(length: number): string {
    let text = '';
    while (text.length < length) text += this.#random.below(0x1000000).toString(16).padStart(6, '0');
    return text.slice(0, length);
  }
}

const operator: Actor = { kind: 'operator', id: 'generated', version: 0 };
const worker: Actor = { kind: 'worker', id: 'wrk_generated', version: 0 };
const timer: Actor = { kind: 'timer', id: 'refusals', version: 0 };

function dayOf(moment: EpochMs): { readonly localDay: LocalDay; readonly zoneData: string } {
  return { localDay: localDay(new Date(moment).toISOString().slice(0, 10)), zoneData: '2026c' };
}
