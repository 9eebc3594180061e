import type { KeyId } from '@ringfence/kernel/ids';
import type { DestinationOrder } from '../limits/destination-order.js';
import type { Refusal } from '../refusals.js';
import type { ChangeKeyPolicy, KeyCommand } from './key.commands.js';
import { keyDepthMax, type KeyLine } from './key-line.js';
import { changedPolicy, type KeyPolicy, type PolicyChange } from './key-policy.js';
import type { KnownKey } from './key-state.js';
import { isBounded, reachesBeyond } from './policy-bounds.js';
import type { Scope } from '../shared/scopes.js';

/**
 * The parent of a key that this one issues; null: it issues ordinary keys. A key that is bounded, or a child itself,
 * issues only children; otherwise it could issue a key without its bounds.
 */
export function parentFor(line: KeyLine): KeyId | null {
  const [own] = line;
  return own !== undefined && issuesChildren(line) ? own.keyId : null;
}

/**
 * Returns the refusal if an account's own key may not do this to another key or to itself; undefined: it may. With
 * `keys:write` a key
 *
 * - grants only what it has itself: in a new key, a changed policy, or a new secret for another key;
 *
 * - may narrow its own policy, never widen it;
 *
 * - if it is bounded or a child, changes and rotates only itself and its descendants, whose usage counts against it;
 *
 * - revokes any key of its mode.
 * @param line the line of the presented key
 * @param target the line of the key acted on; empty: there is none
 */
export function privilegeEscalation(command: KeyCommand, line: KeyLine, target: KeyLine): Refusal | undefined {
  const [own] = line;
  const [aim] = target;
  switch (command.type) {
    case 'IssueKey':
    case 'RegisterSigningKey':
      return tooDeep(line) ?? handsOn(line, command.policy.scopes, command.policy, command.destinationOrder);
    case 'RotateKey':
      return (
        aim &&
        (isWithin(target, own)
          ? undefined
          : (foreign(line) ?? handsOn(line, aim.policy.scopes, aim.policy, command.destinationOrder)))
      );
    case 'ChangeKeyPolicy':
      return aim && changes(line, target, aim, command);
    case 'RevokeKey':
      return undefined;
  }
}

function issuesChildren(line: KeyLine): boolean {
  return line.length > 1 || line.some(({ policy }) => isBounded(policy));
}

function tooDeep(line: KeyLine): Refusal | undefined {
  return issuesChildren(line) && line.length > keyDepthMax
    ? notAllowed(`A key has at most ${keyDepthMax} generations of child keys below it.`)
    : undefined;
}

/** Refuses a key outside of the line: a bounded key that changed others could use their limits besides its own. */
function foreign(line: KeyLine): Refusal | undefined {
  return issuesChildren(line)
    ? notAllowed('A bounded key changes and rotates only itself and its child keys; it may revoke any key of its mode.')
    : undefined;
}

function changes(
  line: KeyLine,
  target: KeyLine,
  aim: KnownKey,
  { change, destinationOrder: order }: ChangeKeyPolicy,
): Refusal | undefined {
  const [own] = line;
  if (own !== undefined && aim.keyId === own.keyId)
    return missingScopes([own], change.scopes ?? []) ?? policyWidening(change, own.policy, order);
  if (isWithin(target, own)) return handsOn(line, change.scopes ?? [], change, order);
  const policy = changedPolicy(aim.policy, change);
  return foreign(line) ?? handsOn(line, policy.scopes, widens(change, aim.policy, order) ? policy : change, order);
}

/**
 * Says whether a change widens a key. Widening one thing can make all the rest usable: a new scope opens the
 * destinations that could not be called without it.
 */
function widens(change: PolicyChange, has: KeyPolicy, order: DestinationOrder | undefined): boolean {
  const isScoped = (change.scopes ?? []).every((scope) => has.scopes.includes(scope));
  return !isScoped || reachesBeyond(change, has, order).length > 0;
}

/**
 * Says whether the target is this key or a descendant, which can do no more than this key whatever its own policy.
 */
function isWithin(target: KeyLine, own: KnownKey | undefined): boolean {
  return target.some(({ keyId }) => keyId === own?.keyId);
}

/** Checks that a granted policy lies within the policy of each key of the line. */
function handsOn(
  line: KeyLine,
  scopes: readonly Scope[],
  wanted: PolicyChange,
  order: DestinationOrder | undefined,
): Refusal | undefined {
  const missing = missingScopes(line, scopes);
  if (missing !== undefined) return missing;
  const beyond = [...new Set(line.flatMap(({ policy }) => reachesBeyond(wanted, policy, order)))];
  if (beyond.length === 0) return undefined;
  return notAllowed(`A key can only hand on what its own policy allows; this goes beyond it in: ${beyond.join(', ')}.`);
}

function missingScopes(line: KeyLine, wanted: readonly Scope[]): Refusal | undefined {
  const missing = wanted.filter((scope) => !line.every(({ policy }) => policy.scopes.includes(scope)));
  if (missing.length === 0) return undefined;
  return {
    code: 'scope_missing',
    detail: `A key can only hand on scopes that it has; it lacks ${missing.join(', ')}.`,
  };
}

function policyWidening(next: PolicyChange, own: KeyPolicy, order: DestinationOrder | undefined): Refusal | undefined {
  const wider = reachesBeyond(next, own, order);
  return wider.length === 0
    ? undefined
    : notAllowed(`A key may narrow its own policy, never widen it: ${wider.join(', ')}.`);
}

function notAllowed(detail: string): Refusal {
  return { code: 'presenter_not_allowed', detail };
}
