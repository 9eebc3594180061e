import type { DomainEvent } from '@ringfence/domain/domain-event';
import type { KeyPolicy } from '@ringfence/domain/keys/key-policy';
import type { RefusalCode } from '@ringfence/domain/refusals';
import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import type { CallId, KeyId } from '@ringfence/kernel/ids';
import type { EpochMs } from '@ringfence/kernel/units';

type ReferenceKey = { readonly policy: KeyPolicy; readonly revoked: boolean; readonly placedAtMs: readonly EpochMs[] };
type ReferenceCall = { readonly keyId: KeyId; readonly reservedMicros: bigint };

/** An account as somebody would keep it on paper: nothing of the deciders is used here. */
export type ReferenceAccount = {
  readonly availableMicros: bigint;
  readonly keys: ReadonlyMap<KeyId, ReferenceKey>;
  readonly live: ReadonlyMap<CallId, ReferenceCall>;
  readonly over: ReadonlySet<CallId>;
};

export const unknownAccount: ReferenceAccount = {
  availableMicros: 0n,
  keys: new Map(),
  live: new Map(),
  over: new Set(),
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
    case 'KeyIssued':
      return { ...account, keys: withEntry(keys, data.keyId, { policy: data.policy, revoked: false, placedAtMs: [] }) };
    case 'KeyRevoked': {
      const key = keys.get(data.keyId);
      return key === undefined ? account : { ...account, keys: withEntry(keys, data.keyId, { ...key, revoked: true }) };
    }
    case 'CallPlaced': {
      const key = keys.get(data.keyId);
      if (key === undefined) return account;
      const placed = { ...key, placedAtMs: [...key.placedAtMs, data.placedAtMs] };
      return {
        ...account,
        availableMicros: availableMicros - data.reservedMicros,
        keys: withEntry(keys, data.keyId, placed),
        live: withEntry(live, data.callId, { keyId: data.keyId, reservedMicros: data.reservedMicros }),
      };
    }
    case 'CallExtended':
      return {
        ...account,
        availableMicros: availableMicros - data.addedMicros,
        live: withEntry(live, data.callId, { keyId: data.keyId, reservedMicros: data.reservedMicros }),
      };
    case 'CallCompleted':
    case 'CallFailed': {
      const left = new Map(live);
      left.delete(data.callId);
      const ended = new Set(over).add(data.callId);
      return { ...account, availableMicros: availableMicros + data.releasedMicros, live: left, over: ended };
    }
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
  if (!conforms([...key.placedAtMs, nowMs], callsPerSecond, burstCalls))
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

function linesOf({ live }: ReferenceAccount, keyId: KeyId): number {
  return [...live.values()].filter((call) => call.keyId === keyId).length;
}

/** No stretch of time has more calls than the burst and what the rate lets in meanwhile. */
function conforms(moments: readonly EpochMs[], callsPerSecond: number, burstCalls: number): boolean {
  const last = moments.at(-1) ?? 0;
  return moments.every((from, at) => {
    const calls = moments.length - at;
    return (calls - burstCalls) * 1_000 <= (last - from) * callsPerSecond;
  });
}

function withEntry<Key, Value>(map: ReadonlyMap<Key, Value>, key: Key, value: Value): ReadonlyMap<Key, Value> {
  return new Map(map).set(key, value);
}
