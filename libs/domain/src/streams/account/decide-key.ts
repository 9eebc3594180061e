import { refuse, type Decision } from '@ringfence/kernel/decider';
import type { KeyCommand, KeyLifeCommand } from '../../keys/key.commands.js';
import { keyDecider } from '../../keys/key.decider.js';
import { parentFor } from '../../keys/key-grants.js';
import { type KeyLine, strictestOf, ancestorEndedReason } from '../../keys/key-line.js';
import { unissuedKey } from '../../keys/key-state.js';
import { lineOf } from '../../keys/key-usage.js';
import type { Refusal } from '../../refusals.js';
import { dueActionsMax } from '../../shared/values.js';
import type { AccountState } from './account-state.js';
import { hangUpsOf, withHangUps } from './hang-ups.js';
import { withLiveCalls } from './keys.slice.js';
import type { AccountStreamEvent } from './slice.js';

/** Decides a command about one key, with the effects on its line and live calls. */
export function decideKey(command: KeyCommand, state: AccountState): Decision<AccountStreamEvent, Refusal> {
  const { standing } = state;
  if (standing.status === 'unopened') return refuse({ code: 'account_unknown', detail: 'There is no such account.' });
  if (command.accountId !== standing.accountId)
    return refuse({ code: 'account_mismatch', detail: 'The key belongs to another account.' });
  const line = lineOf(state.keys, command.keyId);
  const ended =
    command.type === 'RotateKey' || command.type === 'ChangeKeyPolicy' ? endedAbove(line, command) : undefined;
  if (ended !== undefined) return refuse(ended);
  const life = lifeCommand(command, line, state);
  const decision = keyDecider.decide(life, line[0] ?? unissuedKey);
  if (life.type !== 'RevokeKey') return decision;
  const family = withLiveCalls(state.keys, command.keyId, life.onRevoke === 'hangup');
  return withHangUps(decision, () => hangUpsOf(family, state, 'key_revoked', command.nowMs, dueActionsMax));
}

/** Returns why a key ended with its line. An ended key cannot be changed. */
function endedAbove(line: KeyLine, { keyId, nowMs }: KeyCommand): Refusal | undefined {
  const fault = ancestorEndedReason(line, nowMs);
  if (fault === undefined) return undefined;
  return fault.code === 'key_revoked'
    ? { code: 'key_already_revoked', detail: `Key ${keyId} ended with its parent, which was revoked.` }
    : fault;
}

/**
 * The command with the data that only the stream knows: the parent of a new key, and the strictest revocation effect in
 * the line of a revoked one.
 */
function lifeCommand(command: KeyCommand, line: KeyLine, state: AccountState): KeyLifeCommand {
  switch (command.type) {
    case 'IssueKey':
    case 'RegisterSigningKey': {
      const { principal } = command;
      const isOwn = principal.kind === 'key' && principal.home === 'account';
      return { ...command, parentKeyId: isOwn ? parentFor(lineOf(state.keys, principal.keyId)) : null };
    }
    case 'RevokeKey':
      return { ...command, onRevoke: command.onRevoke ?? strictestOf(line) };
    default:
      return command;
  }
}
