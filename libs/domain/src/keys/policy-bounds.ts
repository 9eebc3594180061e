import { type DestinationOrder, mayOpenMore } from '../limits/destination-order.js';
import type { KeyPolicy, PolicyChange } from './key-policy.js';
import { burstCallsMax, callsPerSecondMax, linesMaxMax } from '../limits/account-limits.js';

/** The members of a policy that bound a key's use; the others describe the key. */
type Bound = Exclude<keyof KeyPolicy, 'scopes' | 'onRevoke' | 'project' | 'application'>;
type Dimension = {
  /** Name of the bound in messages. */
  readonly word: string;
  /** Says whether the policy is narrower here than the highest limits of an account. */
  readonly bounds: (policy: KeyPolicy) => boolean;
  /** Says whether the given values reach beyond a policy. */
  readonly beyond: (wanted: PolicyChange, has: KeyPolicy, order: DestinationOrder | undefined) => boolean;
};

const dimensions: Readonly<Record<Bound, Dimension>> = {
  callsPerSecond: dimension('callsPerSecond', 'calls per second', (rate) => rate < callsPerSecondMax, isMore),
  burstCalls: dimension('burstCalls', 'burst', (burst) => burst < burstCallsMax, isMore),
  linesMax: dimension('linesMax', 'lines', (lines) => lines < linesMaxMax, isMore),
  dailySpendMicrosMax: dimension('dailySpendMicrosMax', 'daily spend', isNamed, isMoreOrAny),
  expiresAtMs: dimension('expiresAtMs', 'expiry', isNamed, isMoreOrAny),
  destinationPrefixes: dimension('destinationPrefixes', 'destinations', isNamed, mayOpenMore),
  callerNumbers: dimension('callerNumbers', 'caller numbers', isNamed, (wanted, has) =>
    namesOthers(wanted, has, ({ subjectId }) => subjectId),
  ),
  sourceCidrs: dimension('sourceCidrs', 'source ranges', isNamed, (wanted, has) =>
    namesOthers(wanted, has, (cidr) => cidr),
  ),
  callsMax: dimension('callsMax', 'calls in its life', isNamed, isMoreOrAny),
  minutesMax: dimension('minutesMax', 'minutes in its life', isNamed, isMoreOrAny),
  spendMicrosMax: dimension('spendMicrosMax', 'spend in its life', isNamed, isMoreOrAny),
};
const all = Object.values(dimensions);

/** Says whether a policy, scopes aside, is narrower than the highest limits of an account. */
export function isBounded(policy: KeyPolicy): boolean {
  return all.some(({ bounds }) => bounds(policy));
}

/**
 * Lists the bounds in which the given values reach beyond a policy, in words; empty: none. Omitted values are not
 * checked.
 * @param order omitted: `certainOrder`
 */
export function reachesBeyond(wanted: PolicyChange, has: KeyPolicy, order?: DestinationOrder): readonly string[] {
  return all.filter(({ beyond }) => beyond(wanted, has, order)).map(({ word }) => word);
}

function dimension<Name extends Bound>(
  name: Name,
  word: string,
  bounds: (value: KeyPolicy[Name]) => boolean,
  beyond: (wanted: KeyPolicy[Name], has: KeyPolicy[Name], order: DestinationOrder | undefined) => boolean,
): Dimension {
  return {
    word,
    bounds: (policy) => bounds(policy[name]),
    beyond: (wanted, has, order) => {
      const value: KeyPolicy[Name] | undefined = wanted[name];
      return value !== undefined && beyond(value, has[name], order);
    },
  };
}

function isNamed(value: unknown): boolean {
  return value !== null;
}

function isMore<Amount extends bigint | number>(wanted: Amount, has: Amount): boolean {
  return wanted > has;
}

/** Compares two bounds; null is unbounded. */
function isMoreOrAny<Amount extends bigint | number>(wanted: Amount | null, has: Amount | null): boolean {
  return has !== null && (wanted === null || wanted > has);
}

function namesOthers<Item>(
  wanted: readonly Item[] | null,
  has: readonly Item[] | null,
  nameOf: (item: Item) => string,
): boolean {
  if (has === null) return false;
  const allowed = new Set(has.map(nameOf));
  return wanted === null || !wanted.every((item) => allowed.has(nameOf(item)));
}
