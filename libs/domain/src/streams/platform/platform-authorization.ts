import type { KeyId } from '@ringfence/kernel/ids';
import type { EpochMs } from '@ringfence/kernel/units';
import { commandAuthority } from '../../command-authority.js';
import type { KeyCommand } from '../../keys/key.commands.js';
import { keyUnusableReason } from '../../keys/key-line.js';
import type { PlatformCommand } from '../../platform/platform.commands.js';
import type { Refusal } from '../../refusals.js';
import type { Scope } from '../../shared/scopes.js';
import type { FireTimers } from '../../shared/values.js';
import type { PlatformState } from './platform-state.js';

const notAllowed: Refusal = { code: 'presenter_not_allowed', detail: 'Only an operator may do this.' };

/** Refusal of an operator's key that may not use `scope`; undefined: it may. */
export function operatorRefusal(state: PlatformState, keyId: KeyId, scope: Scope, nowMs: EpochMs): Refusal | undefined {
  const key = state.keys.get(keyId);
  const fault = keyUnusableReason(key === undefined ? [] : [key], scope, nowMs);
  return fault === undefined
    ? undefined
    : {
        code: fault.code,
        detail: `The operator's key cannot be used for this: it needs to be in force and have ${scope}.`,
      };
}

/** Refusal of a principal that may not issue the command; undefined: it may. */
export function platformAuthorizationRefusal(
  command: PlatformCommand | KeyCommand | FireTimers,
  state: PlatformState,
): Refusal | undefined {
  const { principal, type } = command;
  if (type === 'ActOnTime') return principal.kind === 'timer' ? undefined : notAllowed;
  if (principal.kind === 'operator') return undefined;
  if (principal.kind !== 'key' || principal.home !== 'platform') return notAllowed;
  const { scope } = commandAuthority[type];
  if (scope === null) return notAllowed;
  return (
    operatorRefusal(state, principal.keyId, scope, command.nowMs) ??
    operatorRefusal(state, principal.keyId, 'accounts:admin', command.nowMs)
  );
}
