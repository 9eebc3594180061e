import { accept, refuse, type Decider, type Decision } from '@ringfence/kernel/decider';
import { addDuration, durationMs, type EpochMs } from '@ringfence/kernel/units';
import type { Refusal } from '../refusals.js';
import type {
  ChangeKeyPolicy,
  IssueKey,
  KeyLifeCommand,
  RegisterSigningKey,
  RevokeKey,
  RotateKey,
  UnderParent,
} from './key.commands.js';
import type { KeyEvent } from './key.events.js';
import { changedPolicy, type KeyPolicy } from './key-policy.js';
import { policyFault } from './policy-fault.js';
import { publicKeyFault } from './public-key.js';
import { evolveKey, unissuedKey, type ActiveKey, type Credential, type KeyState } from './key-state.js';

type KeyDecision = Decision<KeyEvent, Refusal>;

/** Longest time for which two secrets of one key may both be valid. */
export const overlapMsMax = durationMs(30 * 24 * 3_600_000);

/** Decider of one key's life cycle; the authority of the principal is checked before. */
export const keyDecider: Decider<KeyState, KeyLifeCommand, KeyEvent, Refusal> = {
  initialState: unissuedKey,
  decide,
  evolve: evolveKey,
};

function decide(command: KeyLifeCommand, state: KeyState): KeyDecision {
  if (command.type === 'IssueKey') return issue(command, state);
  if (command.type === 'RegisterSigningKey') return register(command, state);
  switch (state.status) {
    case 'unissued':
      return refuse({ code: 'key_unknown', detail: `There is no key ${command.keyId} in this account.` });
    case 'revoked':
      return refuse({
        code: 'key_already_revoked',
        detail: `Key ${command.keyId} was revoked; a revoked key stays revoked. Issue a new one.`,
      });
    case 'active':
      return decideActive(command, state);
  }
}

function decideActive(command: RotateKey | ChangeKeyPolicy | RevokeKey, state: ActiveKey): KeyDecision {
  switch (command.type) {
    case 'RotateKey':
      return rotate(command, state);
    case 'ChangeKeyPolicy':
      return changePolicy(command, state);
    case 'RevokeKey':
      return accept({
        type: 'KeyRevoked',
        keyId: command.keyId,
        reason: command.reason,
        onRevoke: command.onRevoke ?? state.policy.onRevoke,
        keyVersion: state.keyVersion + 1,
        revokedAtMs: command.nowMs,
      });
  }
}

function issue(command: IssueKey & UnderParent, state: KeyState): KeyDecision {
  const { keyId, accountId, mode, parentKeyId, label, digest, secretHint, policy, policyHash, nowMs } = command;
  const refusal = issueRefusal(command, state);
  if (refusal !== undefined) return refuse(refusal);
  return accept({
    type: 'KeyIssued',
    keyId,
    accountId,
    mode,
    parentKeyId,
    label,
    digest,
    secretHint,
    policy,
    policyHash,
    issuedAtMs: nowMs,
  });
}

function register(command: RegisterSigningKey & UnderParent, state: KeyState): KeyDecision {
  const { keyId, accountId, mode, parentKeyId, label, publicKey, policy, policyHash, nowMs } = command;
  const refusal = issueRefusal(command, state);
  if (refusal !== undefined) return refuse(refusal);
  const fault = publicKeyFault(publicKey);
  if (fault !== undefined) return refuse({ code: 'public_key_invalid', detail: fault });
  return accept({
    type: 'SigningKeyRegistered',
    keyId,
    accountId,
    mode,
    parentKeyId,
    label,
    publicKey,
    policy,
    policyHash,
    registeredAtMs: nowMs,
  });
}

function issueRefusal(
  { type, keyId, policy, nowMs }: IssueKey | RegisterSigningKey,
  state: KeyState,
): Refusal | undefined {
  if (state.status !== 'unissued') return { code: 'key_already_issued', detail: `Key ${keyId} exists.` };
  const fault = policyFault(policy, nowMs) ?? unenforceable(policy, type === 'IssueKey' ? 'secret' : 'ed25519');
  return fault === undefined ? undefined : { code: 'policy_invalid', detail: fault };
}

function rotate(command: RotateKey, state: ActiveKey): KeyDecision {
  const { keyId, digest, secretHint, overlapMs, nowMs } = command;
  const { credential } = state;
  if (credential.kind !== 'secret')
    return refuse({
      code: 'key_not_rotatable',
      detail: `Key ${keyId} is a signing key, whose public key never changes: register another and revoke this one.`,
    });
  if (state.policy.expiresAtMs !== null && state.policy.expiresAtMs <= nowMs)
    return refuse({ code: 'key_expired', detail: 'The key has expired; change its expiry first, or issue a new one.' });
  if (overlapMs > overlapMsMax) {
    return refuse({
      code: 'overlap_too_long',
      detail: `The old secret may stay good for at most ${overlapMsMax} ms after a rotation.`,
    });
  }
  const overlapUntilMs = notAfter(addDuration(nowMs, overlapMs), state.policy.expiresAtMs);
  return accept({
    type: 'KeyRotated',
    keyId,
    digest,
    secretHint,
    overlapUntilMs,
    previousDigest: credential.digest,
    keyVersion: state.keyVersion + 1,
    rotatedAtMs: nowMs,
  });
}

function changePolicy(command: ChangeKeyPolicy, state: ActiveKey): KeyDecision {
  const { keyId, change, policyHashOf, nowMs } = command;
  const policy = changedPolicy(state.policy, change);
  const fault = policyFault(policy, nowMs) ?? unenforceable(policy, state.credential.kind);
  if (fault !== undefined) return refuse({ code: 'policy_invalid', detail: fault });
  return accept({
    type: 'KeyPolicyChanged',
    keyId,
    policy,
    policyHash: policyHashOf(policy),
    keyVersion: state.keyVersion + 1,
    changedAtMs: nowMs,
  });
}

/** Refuses restrictions that cannot be enforced. */
function unenforceable({ sourceCidrs }: KeyPolicy, kind: Credential['kind']): string | undefined {
  return kind === 'ed25519' && sourceCidrs !== null
    ? 'source ranges: hold for requests; what a signing key signs comes from no address'
    : undefined;
}

/** Cuts the overlap of a rotation at the key's expiry. */
function notAfter(moment: EpochMs, expiresAtMs: EpochMs | null): EpochMs {
  return expiresAtMs !== null && expiresAtMs < moment ? expiresAtMs : moment;
}
