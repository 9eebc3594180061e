import type { DomainEvent } from '@ringfence/domain/domain-event';
import type { KeyPolicy } from '@ringfence/domain/keys/key-policy';
import { type KeyId, parseKeyId } from '@ringfence/kernel/ids';
import type { Map as ImmutableMap } from 'immutable';
import type { JudgedEvent, ReferenceKey } from './account-reference.js';

type Granted = Extract<DomainEvent, { type: 'KeyIssued' | 'SigningKeyRegistered' | 'KeyPolicyChanged' }>;
type Keys = ImmutableMap<KeyId, ReferenceKey>;

const generationsMax = 4;
const [rateMax, burstMax, linesMax] = [10_000, 10_000, 100_000];

/** Lists the errors of a key that a key issued, or of a policy that a key changed. */
export function faultsOfGrant(keys: Keys, { issuedBy }: JudgedEvent, data: Granted): readonly string[] {
  const begins = data.type !== 'KeyPolicyChanged';
  if (begins && keys.has(data.keyId)) return [`${data.keyId} is issued twice`];
  const makerId = issuedBy.kind === 'key' ? (parseKeyId(issuedBy.id) ?? null) : null;
  const maker = makerId === null ? undefined : keys.get(makerId);
  if (maker === undefined || makerId === null)
    return begins && data.parentKeyId !== null ? [`${data.keyId} is a child of nobody's making`] : [];
  const faults: string[] = [];
  const makers = ancestorsOf(keys, makerId);
  const isChildMaker = maker.parentKeyId !== null || makers.some((id) => isBounded(keys.get(id)?.policy));
  if (begins) {
    if (data.parentKeyId !== (isChildMaker ? makerId : null)) faults.push(`${data.keyId} has the wrong parent`);
    if (data.parentKeyId !== null && makers.length > generationsMax) faults.push(`${data.keyId} is too deep`);
    for (const id of makers) faults.push(...beyond(data.keyId, data.policy, keys.get(id)?.policy));
  } else if (isChildMaker && !ancestorsOf(keys, data.keyId).includes(makerId))
    faults.push(`${data.keyId} is changed by a bounded key that it does not hang from`);
  else if (data.keyId === makerId) faults.push(...beyond(data.keyId, data.policy, maker.policy));
  return faults;
}

/** Returns the key itself first, then its ancestors. */
function ancestorsOf(keys: Keys, keyId: KeyId): readonly KeyId[] {
  const parent = keys.get(keyId)?.parentKeyId ?? null;
  return parent === null ? [keyId] : [keyId, ...ancestorsOf(keys, parent)];
}

function isBounded(policy: KeyPolicy | undefined): boolean {
  if (policy === undefined) return false;
  const { dailySpendMicrosMax, destinationPrefixes, callerNumbers, sourceCidrs, expiresAtMs } = policy;
  const { callsMax, minutesMax, spendMicrosMax } = policy;
  const named = [dailySpendMicrosMax, destinationPrefixes, callerNumbers, sourceCidrs, expiresAtMs];
  const capped = [callsMax, minutesMax, spendMicrosMax];
  const full = policy.callsPerSecond === rateMax && policy.burstCalls === burstMax && policy.linesMax === linesMax;
  return !full || [...named, ...capped].some((bound) => bound !== null);
}

function beyond(keyId: KeyId, wanted: KeyPolicy, has: KeyPolicy | undefined): readonly string[] {
  if (has === undefined) return [];
  const more = (name: 'callsPerSecond' | 'burstCalls' | 'linesMax') => wanted[name] > has[name];
  const above = (name: 'dailySpendMicrosMax' | 'expiresAtMs' | 'callsMax' | 'minutesMax' | 'spendMicrosMax') => {
    const [asked, bound] = [wanted[name], has[name]];
    return bound !== null && (asked === null || asked > bound);
  };
  const callers = has.callerNumbers?.map(({ subjectId }) => subjectId);
  const wider = [
    ...(['callsPerSecond', 'burstCalls', 'linesMax'] as const).filter(more),
    ...(['dailySpendMicrosMax', 'expiresAtMs', 'callsMax', 'minutesMax', 'spendMicrosMax'] as const).filter(above),
    ...(wanted.scopes.every((scope) => has.scopes.includes(scope)) ? [] : ['scopes']),
    ...(callers === undefined || wanted.callerNumbers?.every(({ subjectId }) => callers.includes(subjectId)) === true
      ? []
      : ['callerNumbers']),
    ...(has.destinationPrefixes === null || wanted.destinationPrefixes !== null ? [] : ['destinationPrefixes']),
    ...(has.sourceCidrs === null || wanted.sourceCidrs !== null ? [] : ['sourceCidrs']),
  ];
  return wider.map((what) => `${keyId} goes beyond its maker in ${what}`);
}
