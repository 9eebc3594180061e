import type { SubmittedCommand } from '@ringfence/commands/command-dispatcher';
import { commandAuthority } from '@ringfence/domain/command-authority';
import type { Refusal } from '@ringfence/domain/refusals';
import { operatorRefusal } from '@ringfence/domain/streams/platform/platform-authorization';
import type { PlatformState } from '@ringfence/domain/streams/platform/platform-state';
import type { EpochMs } from '@ringfence/kernel/units';

/**
 * Judges an operator's command in an account's stream, by the keys that the platform's stream keeps.
 * @returns undefined: the command rests on no operator's key
 */
export function operatorRuling(
  { principal, payload, stream }: SubmittedCommand,
  state: PlatformState,
  nowMs: EpochMs,
): { readonly refusal: Refusal | undefined } | undefined {
  if (principal.kind !== 'key' || principal.home !== 'platform' || stream === 'platform') return undefined;
  const { platform, scope } = commandAuthority[payload.type];
  // The account's own decider says that no operator's key may issue this.
  if (!platform || scope === null) return undefined;
  return { refusal: operatorRefusal(state, principal.keyId, scope, nowMs) };
}
