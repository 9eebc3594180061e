import { destinationAllowed } from '../limits/destinations.js';
import type { Refusal } from '../refusals.js';
import type { KeyCommand } from './key.commands.js';
import { changedPolicy, type KeyPolicy } from './key-policy.js';
import type { ActiveKey, KeyState, RevokedKey } from './key-state.js';
import type { Scope } from './scopes.js';

/**
 * Why an account's own key may not do this to another key, or to itself; undefined: it may. With `keys:write` a key
 * - hands on only scopes that it has: in a new key, a changed policy, or a new secret for a key that has more than it;
 * - may narrow its own policy, never widen it.
 */
export function beyondGrant(command: KeyCommand, own: ActiveKey | RevokedKey, target: KeyState): Refusal | undefined {
  switch (command.type) {
    case 'IssueKey':
    case 'RegisterSigningKey':
      return lacking(own, command.policy.scopes);
    case 'RotateKey':
      return target.status === 'unissued' ? undefined : lacking(own, target.policy.scopes);
    case 'ChangeKeyPolicy': {
      if (target.status === 'unissued') return undefined;
      const policy = changedPolicy(target.policy, command.change);
      return lacking(own, policy.scopes) ?? (command.keyId === own.keyId ? widening(policy, own.policy) : undefined);
    }
    case 'RevokeKey':
      return undefined;
  }
}

function lacking(own: ActiveKey | RevokedKey, wished: readonly Scope[]): Refusal | undefined {
  const missing = wished.filter((scope) => !own.policy.scopes.includes(scope));
  if (missing.length === 0) return undefined;
  return {
    code: 'scope_missing',
    detail: `A key can only hand on scopes that it has; it lacks ${missing.join(', ')}.`,
  };
}

function widening(next: KeyPolicy, own: KeyPolicy): Refusal | undefined {
  const wider = [
    next.callsPerSecond > own.callsPerSecond && 'calls per second',
    next.burstCalls > own.burstCalls && 'burst',
    next.linesMax > own.linesMax && 'lines',
    above(next.dailySpendMicrosMax, own.dailySpendMicrosMax) && 'daily spend',
    above(next.expiresAtMs, own.expiresAtMs) && 'expiry',
    reachesFurther(next.destinationPrefixes, own.destinationPrefixes) && 'destinations',
    beyond(next.callerNumbers, own.callerNumbers, (wish, has) => wish.subjectId === has.subjectId) && 'caller numbers',
    beyond(next.sourceCidrs, own.sourceCidrs, (wish, has) => wish === has) && 'source ranges',
  ].filter((what) => what !== false);
  if (wider.length === 0) return undefined;
  return {
    code: 'presenter_not_allowed',
    detail: `A key may narrow its own policy, never widen it: ${wider.join(', ')}.`,
  };
}

/** null is without bound. */
function above<Bound extends bigint | number>(wish: Bound | null, has: Bound | null): boolean {
  return has !== null && (wish === null || wish > has);
}

/** Whether a wished prefix opens numbers that none of its own does: a prefix is looked at as the shortest of its numbers. */
function reachesFurther(wish: readonly string[] | null, has: readonly string[] | null): boolean {
  return wish === null ? has !== null : !wish.every((prefix) => destinationAllowed(prefix, has));
}

function beyond<Item>(
  wish: readonly Item[] | null,
  has: readonly Item[] | null,
  within: (wish: Item, has: Item) => boolean,
): boolean {
  if (has === null) return false;
  return wish === null || !wish.every((item) => has.some((allowed) => within(item, allowed)));
}
