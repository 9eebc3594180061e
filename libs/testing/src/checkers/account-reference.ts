import type { DomainEvent } from '@ringfence/domain/domain-event';
import type { KeyPolicy } from '@ringfence/domain/keys/key-policy';
import { modes, type Mode } from '@ringfence/domain/shared/values';
import type { RefusalCode } from '@ringfence/domain/refusals';
import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import type { CallId, KeyId } from '@ringfence/kernel/ids';
import type { EpochMs } from '@ringfence/kernel/units';
import { Map as ImmutableMap, Set as ImmutableSet } from 'immutable';
import { take } from './reference-bucket.js';
import {
  excessOf,
  excessOfCalls,
  heldAfterExtension,
  heldByPlaced,
  type Held,
  isEmptyAt,
  type ReferenceUsage,
  underPolicy,
  unusedBy,
  withEnd,
  withExtension,
  withPlaced,
} from './reference-usage.js';
import {
  referenceAllowanceDay,
  dayAt,
  faultsOfZone,
  noDays,
  onItsAllowance,
  type ReferenceDays,
  withCallOn,
  withZone,
} from './reference-days.js';
import { faultsOfGrant } from './reference-grants.js';
import {
  excessOfAccount,
  excessOfDay,
  hasNoCallAt,
  limitsAtFirst,
  type ReferenceLimits,
  withCallOf,
  withLimits,
  withoutCallOf,
  withSpend,
} from './reference-limits.js';

export type ReferenceKey = {
  readonly policy: KeyPolicy;
  readonly parentKeyId: KeyId | null;
  readonly revoked: boolean;
  /** Use of the key itself and of all keys below it. */
  readonly used: Readonly<Record<Mode, ReferenceUsage>>;
};
type ReferenceCall = Held & {
  readonly keyId: KeyId;
  readonly mode: Mode;
  /** Daily spend limit of its account when it was placed: a lower limit that is set later does not shorten it. */
  readonly accountSpendMicrosMax: bigint | null;
};

/** An account, folded from its events as simply as possible and without any code of the deciders. */
export type ReferenceAccount = {
  readonly availableMicros: bigint;
  readonly suspended: boolean;
  readonly days: ReferenceDays;
  readonly limits: Readonly<Record<Mode, ReferenceLimits>>;
  readonly keys: ImmutableMap<KeyId, ReferenceKey>;
  readonly live: ImmutableMap<CallId, ReferenceCall>;
  readonly over: ImmutableSet<CallId>;
};
export type JudgedEvent = Pick<RecordedEnvelope, 'data' | 'decidedAtMs' | 'issuedBy'>;

export const unknownAccount: ReferenceAccount = {
  availableMicros: 0n,
  suspended: false,
  days: noDays,
  limits: { live: limitsAtFirst, test: limitsAtFirst },
  keys: ImmutableMap(),
  live: ImmutableMap(),
  over: ImmutableSet(),
};

/** Lists what is wrong with an account's next event, given the events before it. */
export function faultsOf(account: ReferenceAccount, event: JudgedEvent): readonly string[] {
  const { data, decidedAtMs } = event;
  switch (data.type) {
    case 'KeyIssued':
    case 'SigningKeyRegistered':
    case 'KeyPolicyChanged':
      return faultsOfGrant(account.keys, event, data);
    case 'AccountSuspended':
      return account.suspended ? ['an account is suspended that is suspended'] : [];
    case 'AccountResumed':
      return account.suspended ? [] : ['an account is resumed that is not suspended'];
    case 'KeyRevoked':
      return account.keys.get(data.keyId)?.revoked === false ? [] : [`${data.keyId} is revoked and was not in force`];
    case 'CallPlaced':
    case 'CallReceived':
      return faultsOfCall(account, data, decidedAtMs);
    case 'CallRefused':
      return [...faultsOfRefusal(account, data), ...faultsOfDay(account, data, decidedAtMs)];
    case 'AccountTimeZoneChanged':
      return faultsOfZone(account.days, data);
    case 'CallExtended':
      return [...faultsOfExtension(account, data), ...faultsOfDay(account, data, decidedAtMs)];
    case 'CallRinging':
    case 'CallAnswered':
    case 'CallHangUpRequested':
    case 'CallFlowRequested':
    case 'CallFlowReplied':
    case 'CallActionStarted':
    case 'CallActionEnded':
    case 'CallFlowFailed':
    case 'CallMuteRequested':
    case 'CallDigitsRequested':
    case 'CallPlaybackRequested':
    case 'CallPlaybackEnded':
      return account.live.has(data.callId) ? [] : [`${data.type} of ${data.callId}, which is not live`];
    case 'CallCompleted':
    case 'CallFailed':
      return faultsOfEnd(account, data);
    default:
      return [];
  }
}

export function after(account: ReferenceAccount, event: DomainEvent): ReferenceAccount {
  const data = onItsAllowance(account.days, event);
  const { keys, live, over, availableMicros } = account;
  switch (data.type) {
    case 'CreditAdded':
      return { ...account, availableMicros: availableMicros + data.amountMicros };
    case 'AccountSuspended':
    case 'AccountResumed':
      return { ...account, suspended: data.type === 'AccountSuspended' };
    case 'AccountOpened':
    case 'AccountTimeZoneChanged':
      return { ...account, days: withZone(account.days, data) };
    case 'AccountLimitsSet':
      return withMode(account, data.mode, (limits) => withLimits(limits, data));
    case 'KeyIssued':
    case 'SigningKeyRegistered': {
      const { policy, parentKeyId } = data;
      const used = { live: unusedBy(policy), test: unusedBy(policy) };
      return { ...account, keys: keys.set(data.keyId, { policy, parentKeyId, revoked: false, used }) };
    }
    case 'KeyPolicyChanged': {
      const key = keys.get(data.keyId);
      return key === undefined ? account : { ...account, keys: keys.set(data.keyId, withPolicy(key, data.policy)) };
    }
    case 'KeyRevoked': {
      const key = keys.get(data.keyId);
      return key === undefined ? account : { ...account, keys: keys.set(data.keyId, { ...key, revoked: true }) };
    }
    case 'CallPlaced':
    case 'CallReceived':
      return {
        ...withMode(account, data.mode, (limits) => withCallOf(limits, data)),
        days: withCallOn(account.days, 'localDay' in event ? event.localDay : null),
        availableMicros: availableMicros - data.reservedMicros,
        keys: withUse(keys, data.keyId, data.mode, (usage) => withPlaced(usage, data)),
        live: live.set(data.callId, {
          keyId: data.keyId,
          mode: data.mode,
          accountSpendMicrosMax: account.limits[data.mode].dailySpendMicrosMax,
          ...heldByPlaced(data),
        }),
      };
    case 'CallExtended': {
      const call = live.get(data.callId);
      if (call === undefined) return account;
      return {
        ...withMode(account, call.mode, (limits) => withSpend(limits, data.localDay, data.addedMicros)),
        days: withCallOn(account.days, 'localDay' in event ? event.localDay : null),
        availableMicros: availableMicros - data.addedMicros,
        keys: withUse(keys, call.keyId, call.mode, (usage) => withExtension(usage, call, data)),
        live: live.set(data.callId, { ...call, ...heldAfterExtension(call, data) }),
      };
    }
    case 'CallCompleted':
    case 'CallFailed': {
      const call = live.get(data.callId);
      if (call === undefined) return account;
      const talkTimeMs = data.type === 'CallCompleted' ? data.talkTimeMs : 0;
      return {
        ...withMode(account, call.mode, (limits) => withoutCallOf(limits, call, data.releasedMicros)),
        availableMicros: availableMicros + data.releasedMicros,
        keys: withUse(keys, call.keyId, call.mode, (usage) => withEnd(usage, call, talkTimeMs, data.releasedMicros)),
        live: live.delete(data.callId),
        over: over.add(data.callId),
      };
    }
    default:
      return account;
  }
}

/**
 * Says whether this is a reason to refuse a call in the account's current state. undefined: the reference cannot decide
 * that.
 */
export function justifies(account: ReferenceAccount, code: RefusalCode, keyId: KeyId): boolean | undefined {
  const family = lineage(account.keys, keyId);
  switch (code) {
    case 'key_unknown':
      return family.length === 0;
    case 'key_revoked':
      return family.some(({ revoked }) => revoked);
    case 'account_suspended':
      return account.suspended;
    case 'lines_exhausted':
      return modes.some(
        (mode) =>
          account.limits[mode].lines >= account.limits[mode].linesMax ||
          family.some(({ policy, used }) => used[mode].lines >= policy.linesMax),
      );
    case 'daily_spend_exceeded':
      return modes.some((mode) =>
        [account.limits[mode], ...family.map(({ policy, used }) => ({ ...policy, ...used[mode] }))].some(hasSpentADay),
      );
    case 'balance_insufficient':
      return account.availableMicros < leastChargeMicros;
    default:
      return undefined;
  }
}

/** Says whether there is a day, possibly one without a call yet, on which no further call can be paid for. */
function hasSpentADay({
  dailySpendMicrosMax: max,
  spentByDay,
}: {
  readonly dailySpendMicrosMax: bigint | null;
  readonly spentByDay: ImmutableMap<string, bigint>;
}): boolean {
  return max !== null && [0n, ...spentByDay.values()].some((spent) => spent + leastChargeMicros > max);
}

/** Returns the key, its parent and so on. */
function lineage(keys: ReferenceAccount['keys'], keyId: KeyId): readonly ReferenceKey[] {
  const found: ReferenceKey[] = [];
  for (
    let key = keys.get(keyId);
    key !== undefined;
    key = key.parentKeyId === null ? undefined : keys.get(key.parentKeyId)
  )
    found.push(key);
  return found;
}

/**
 * The least charge for one second of a sandbox call, 200 millionths; a call that can pay it is not refused for lack of
 * money.
 */
const leastChargeMicros = 200n;

function faultsOfCall(
  account: ReferenceAccount,
  data: Extract<DomainEvent, { type: 'CallPlaced' | 'CallReceived' }>,
  nowMs: EpochMs,
) {
  const family = lineage(account.keys, data.keyId);
  if (family.length === 0) return [`${data.callId} is placed by a key that is not known`];
  const excess = excessOfAccount(account.limits[data.mode], nowMs);
  const faults = excess.map((each) => `${data.callId} takes ${each}`);
  if (account.suspended) faults.push(`${data.callId} is placed in a suspended account`);
  if (family.some(({ revoked }) => revoked)) faults.push(`${data.callId} is placed by a revoked key, or below one`);
  if (account.live.has(data.callId) || account.over.has(data.callId)) faults.push(`${data.callId} is placed twice`);
  if (data.reservedMicros > account.availableMicros) faults.push(`${data.callId} takes the balance below zero`);
  for (const { policy, used } of family) {
    const { callsPerSecond, burstCalls, expiresAtMs, scopes, callerNumbers } = policy;
    if (!take(used[data.mode].bucket, nowMs).taken)
      faults.push(`${data.callId} comes faster than ${callsPerSecond}/s with a burst of ${burstCalls}`);
    if (expiresAtMs !== null && nowMs >= expiresAtMs) faults.push(`${data.callId} is placed by an expired key`);
    if (!scopes.includes(data.type === 'CallPlaced' ? 'calls:write' : 'calls:receive'))
      faults.push(`${data.callId} is placed without the scope`);
    if (
      data.type === 'CallPlaced' &&
      callerNumbers?.some(({ subjectId }) => subjectId === data.from.subjectId) === false
    )
      faults.push(`${data.callId} shows a caller number that it may not`);
  }
  const placed = after(account, data);
  for (const { policy, used } of lineage(placed.keys, data.keyId))
    faults.push(...excessOfCalls(used[data.mode], policy).map((each) => `${data.callId} takes ${each}`));
  const limits = placed.limits[data.mode];
  for (const excess of excessOfDay(
    limits,
    referenceAllowanceDay(account.days, data.localDay),
    limits.dailySpendMicrosMax,
  ))
    faults.push(`${data.callId} takes ${excess}`);
  return [...faults, ...faultsOfUse(placed, data.keyId, data), ...faultsOfDay(account, data, nowMs)];
}

function faultsOfDay(
  { days }: ReferenceAccount,
  { type, localDay }: Extract<DomainEvent, { type: 'CallPlaced' | 'CallReceived' | 'CallExtended' | 'CallRefused' }>,
  nowMs: EpochMs,
): readonly string[] {
  const day = dayAt(days, nowMs);
  return localDay === day ? [] : [`${type} is counted for ${String(localDay)}, and it is ${day}`];
}

function faultsOfExtension(account: ReferenceAccount, data: Extract<DomainEvent, { type: 'CallExtended' }>) {
  const call = account.live.get(data.callId);
  if (call === undefined) return [`${data.type} of ${data.callId}, which is not live`];
  const extended = after(account, data);
  const limits = extended.limits[call.mode];
  const [then, now] = [call.accountSpendMicrosMax, limits.dailySpendMicrosMax];
  const loosest = then === null || now === null ? null : then > now ? then : now;
  const beyond = excessOfDay(limits, referenceAllowanceDay(account.days, data.localDay), loosest).map(
    (excess) => `${data.callId} takes ${excess}`,
  );
  return [...beyond, ...faultsOfUse(extended, data.keyId, data)];
}

/** Checks that no key's limits are exceeded by its own use and that of all keys below it. */
function faultsOfUse(
  account: ReferenceAccount,
  keyId: KeyId,
  { callId, mode, localDay }: Extract<DomainEvent, { type: 'CallPlaced' | 'CallReceived' | 'CallExtended' }>,
): readonly string[] {
  return lineage(account.keys, keyId)
    .flatMap(({ policy, used }) => excessOf(used[mode], policy, referenceAllowanceDay(account.days, localDay)))
    .map((excess) => `${callId} takes ${excess}`);
}

function faultsOfEnd(account: ReferenceAccount, data: Extract<DomainEvent, { type: 'CallCompleted' | 'CallFailed' }>) {
  const call = account.live.get(data.callId);
  if (call === undefined) return [`${data.callId} ends and was not live`];
  const charged = data.type === 'CallCompleted' ? data.chargedMicros : 0n;
  if (charged < 0n || charged + data.releasedMicros !== call.reservedMicros)
    return [`the end of ${data.callId} does not share out what was reserved`];
  return [];
}

/** Checks the place and the time of a refusal that is recorded in full. */
function faultsOfRefusal(account: ReferenceAccount, data: Extract<DomainEvent, { type: 'CallRefused' }>) {
  const { code, presentedKeyId, mode, refusedAtMs } = data;
  const right =
    code === 'rate_limited'
      ? hasNoCallAt(account.limits[mode], refusedAtMs) ||
        lineage(account.keys, presentedKeyId).some(({ used }) => isEmptyAt(used[mode], refusedAtMs))
      : justifies(account, code, presentedKeyId);
  return right === false ? [`a call of ${presentedKeyId} is refused with ${code}, which is not so`] : [];
}

function withMode(
  account: ReferenceAccount,
  mode: Mode,
  change: (limits: ReferenceLimits) => ReferenceLimits,
): ReferenceAccount {
  return { ...account, limits: { ...account.limits, [mode]: change(account.limits[mode]) } };
}

/** Adds a call's use to its key and to every key above. */
function withUse(
  keys: ReferenceAccount['keys'],
  keyId: KeyId,
  mode: Mode,
  change: (usage: ReferenceUsage) => ReferenceUsage,
): ReferenceAccount['keys'] {
  const key = keys.get(keyId);
  if (key === undefined) return keys;
  const changed = keys.set(keyId, { ...key, used: { ...key.used, [mode]: change(key.used[mode]) } });
  return key.parentKeyId === null ? changed : withUse(changed, key.parentKeyId, mode, change);
}

function withPolicy(key: ReferenceKey, policy: KeyPolicy): ReferenceKey {
  const at = (mode: Mode) => underPolicy(key.used[mode], policy);
  return { ...key, policy, used: { live: at('live'), test: at('test') } };
}
