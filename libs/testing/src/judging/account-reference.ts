import type { DomainEvent } from '@ringfence/domain/domain-event';
import type { KeyPolicy } from '@ringfence/domain/keys/key-policy';
import type { RefusalCode } from '@ringfence/domain/refusals';
import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import type { CallId, KeyId } from '@ringfence/kernel/ids';
import type { EpochMs } from '@ringfence/kernel/units';
import { Map as ImmutableMap, Set as ImmutableSet } from 'immutable';
import { type Bucket, callInBucket, fullBucket, levelAt, take } from './reference-bucket.js';

type ReferenceKey = { readonly policy: KeyPolicy; readonly revoked: boolean; readonly bucket: Bucket };
type ReferenceCall = { readonly keyId: KeyId; readonly reservedMicros: bigint };

/** An account as somebody would keep it on paper: nothing of the deciders is used here. */
export type ReferenceAccount = {
  readonly availableMicros: bigint;
  readonly keys: ImmutableMap<KeyId, ReferenceKey>;
  readonly live: ImmutableMap<CallId, ReferenceCall>;
  readonly over: ImmutableSet<CallId>;
};

export const unknownAccount: ReferenceAccount = {
  availableMicros: 0n,
  keys: ImmutableMap(),
  live: ImmutableMap(),
  over: ImmutableSet(),
};

/** What an account's next event may not be, given what stood before it. */
export function faultsOf(account: ReferenceAccount, { data, decidedAtMs }: RecordedEnvelope): readonly string[] {
  switch (data.type) {
    case 'KeyIssued':
      return account.keys.has(data.keyId) ? [`${data.keyId} is issued twice`] : [];
    case 'KeyRevoked':
      return account.keys.get(data.keyId)?.revoked === false ? [] : [`${data.keyId} is revoked and was not in force`];
    case 'CallPlaced':
      return faultsOfCall(account, data, decidedAtMs);
    case 'CallRefused':
      return faultsOfRefusal(account, data);
    case 'CallRinging':
    case 'CallAnswered':
    case 'CallExtended':
    case 'CallHangUpRequested':
      return account.live.has(data.callId) ? [] : [`${data.type} of ${data.callId}, which is not live`];
    case 'CallCompleted':
    case 'CallFailed':
      return faultsOfEnd(account, data);
    default:
      return [];
  }
}

export function after(account: ReferenceAccount, data: DomainEvent): ReferenceAccount {
  const { keys, live, over, availableMicros } = account;
  switch (data.type) {
    case 'CreditAdded':
      return { ...account, availableMicros: availableMicros + data.amountMicros };
    case 'KeyIssued': {
      const bucket = fullBucket(data.policy.callsPerSecond, data.policy.burstCalls);
      return { ...account, keys: keys.set(data.keyId, { policy: data.policy, revoked: false, bucket }) };
    }
    case 'KeyPolicyChanged': {
      const key = keys.get(data.keyId);
      return key === undefined ? account : { ...account, keys: keys.set(data.keyId, withPolicy(key, data.policy)) };
    }
    case 'KeyRevoked': {
      const key = keys.get(data.keyId);
      return key === undefined ? account : { ...account, keys: keys.set(data.keyId, { ...key, revoked: true }) };
    }
    case 'CallPlaced': {
      const key = keys.get(data.keyId);
      if (key === undefined) return account;
      return {
        ...account,
        availableMicros: availableMicros - data.reservedMicros,
        keys: keys.set(data.keyId, { ...key, bucket: take(key.bucket, data.placedAtMs).bucket }),
        live: live.set(data.callId, { keyId: data.keyId, reservedMicros: data.reservedMicros }),
      };
    }
    case 'CallExtended':
      return {
        ...account,
        availableMicros: availableMicros - data.addedMicros,
        live: live.set(data.callId, { keyId: data.keyId, reservedMicros: data.reservedMicros }),
      };
    case 'CallCompleted':
    case 'CallFailed':
      return {
        ...account,
        availableMicros: availableMicros + data.releasedMicros,
        live: live.delete(data.callId),
        over: over.add(data.callId),
      };
    default:
      return account;
  }
}

/** Whether this is a reason to turn a call down, as the account stands. undefined: that is not for the reference to say. */
export function justifies(account: ReferenceAccount, code: RefusalCode, keyId: KeyId): boolean | undefined {
  const key = account.keys.get(keyId);
  switch (code) {
    case 'key_unknown':
      return key === undefined;
    case 'key_revoked':
      return key?.revoked === true;
    case 'lines_exhausted':
      return key !== undefined && linesOf(account, keyId) >= key.policy.linesMax;
    case 'balance_insufficient':
      return account.availableMicros < leastChargeMicros;
    default:
      return undefined;
  }
}

/** One second of a sandbox call costs 200 millionths; a call that can pay for it is not turned down for want of money. */
const leastChargeMicros = 200n;

function faultsOfCall(account: ReferenceAccount, data: Extract<DomainEvent, { type: 'CallPlaced' }>, nowMs: EpochMs) {
  const key = account.keys.get(data.keyId);
  if (key === undefined) return [`${data.callId} is placed by a key that is not known`];
  const { linesMax, callsPerSecond, burstCalls } = key.policy;
  const faults: string[] = [];
  if (key.revoked) faults.push(`${data.callId} is placed by a revoked key`);
  if (account.live.has(data.callId) || account.over.has(data.callId)) faults.push(`${data.callId} is placed twice`);
  if (linesOf(account, data.keyId) >= linesMax) faults.push(`${data.callId} takes a line beyond ${linesMax}`);
  if (data.reservedMicros > account.availableMicros) faults.push(`${data.callId} takes the balance below zero`);
  if (!take(key.bucket, nowMs).taken)
    faults.push(`${data.callId} comes faster than ${callsPerSecond}/s with a burst of ${burstCalls}`);
  return faults;
}

function faultsOfEnd(account: ReferenceAccount, data: Extract<DomainEvent, { type: 'CallCompleted' | 'CallFailed' }>) {
  const call = account.live.get(data.callId);
  if (call === undefined) return [`${data.callId} ends and was not live`];
  const charged = data.type === 'CallCompleted' ? data.chargedMicros : 0n;
  if (charged < 0n || charged + data.releasedMicros !== call.reservedMicros)
    return [`the end of ${data.callId} does not share out what was reserved`];
  return [];
}

/** A refusal that stands in the log in full has its place there, and its time. */
function faultsOfRefusal(account: ReferenceAccount, data: Extract<DomainEvent, { type: 'CallRefused' }>) {
  const { code, presentedKeyId, refusedAtMs } = data;
  const key = account.keys.get(presentedKeyId);
  const right =
    code === 'rate_limited'
      ? key !== undefined && levelAt(key.bucket, refusedAtMs) < callInBucket
      : justifies(account, code, presentedKeyId);
  return right === false ? [`a call of ${presentedKeyId} is refused with ${code}, which is not so`] : [];
}

function linesOf({ live }: ReferenceAccount, keyId: KeyId): number {
  return live.count((call) => call.keyId === keyId);
}

/** What it had used up of its rate stays used up. */
function withPolicy(key: ReferenceKey, policy: KeyPolicy): ReferenceKey {
  const { callsPerSecond, burstCalls } = key.policy;
  const sameRate = callsPerSecond === policy.callsPerSecond && burstCalls === policy.burstCalls;
  return { ...key, policy, bucket: sameRate ? key.bucket : fullBucket(policy.callsPerSecond, policy.burstCalls) };
}
