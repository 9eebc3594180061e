import type { KeyPolicy } from '@ringfence/domain/keys/key-policy';
import {
  type AccountId,
  type IdSource,
  type KeyId,
  parseAccountId,
  parseKeyId,
  platformStream,
} from '@ringfence/kernel/ids';
import { invariant } from '@ringfence/kernel/invariant';
import { durationMs } from '@ringfence/kernel/units';
import { type CommandBody, overlapSecondsDefault } from '@ringfence/wire/public-commands';
import type { KeyEntry } from '@ringfence/auth/key-registry';
import { mintSecret, secretHintOf } from '@ringfence/auth/key-secret';
import { policyHashOf } from '@ringfence/event-catalog/policy-hash';
import type { SecretHasher } from '@ringfence/auth/secret-hasher';
import type { CommandPayloadOf } from '@ringfence/commands/command-dispatcher';
import type { SubjectVault } from '@ringfence/ports/vault/subject-vault';
import { type RequestContext, type CommandRequest, InvalidField, sentFields } from './command-request.js';
import type { KeyFinder } from './key-finder.js';
import { newPolicy, policyChange } from './new-policy.js';

export type KeyRequestParts = {
  readonly vault: SubjectVault;
  readonly ids: IdSource;
  readonly hasher: SecretHasher;
  readonly keys: KeyFinder;
};

export async function requestIssueKey(
  { vault, ids, hasher, keys }: KeyRequestParts,
  body: CommandBody<'issue_key'>,
  context: RequestContext,
): Promise<CommandRequest<CommandPayloadOf<'IssueKey'>>> {
  const { stream } = context;
  const accountId = homeOf(context, body.account_id);
  const { label, mode } = body;
  const policy = await newPolicy(body, vault, stream, makersOf(keys, context));
  const secret = mintSecret(mode);
  const keyId = ids.keyId();
  const secretHint = secretHintOf(secret);
  return {
    stream,
    payload: {
      type: 'IssueKey',
      accountId,
      keyId,
      mode,
      label: await vault.seal(stream, label),
      digest: hasher.digestOf(secret),
      secretHint,
      policy,
      policyHash: policyHashOf(policy),
    },
    fields: sentFields(body),
    result: { key_id: keyId, secret_hint: secretHint },
    secret,
  };
}

export async function requestRegisterSigningKey(
  { vault, ids, keys }: KeyRequestParts,
  body: CommandBody<'register_signing_key'>,
  context: RequestContext,
): Promise<CommandRequest<CommandPayloadOf<'RegisterSigningKey'>>> {
  const { stream } = context;
  const accountId = homeOf(context, body.account_id);
  const policy = ofSigningKey(await newPolicy(body, vault, stream, makersOf(keys, context)), body);
  const keyId = ids.keyId();
  return {
    stream,
    payload: {
      type: 'RegisterSigningKey',
      accountId,
      keyId,
      mode: body.mode,
      label: await vault.seal(stream, body.label),
      publicKey: body.public_key.x,
      policy,
      policyHash: policyHashOf(policy),
    },
    fields: sentFields(body),
    result: { key_id: keyId },
    secret: null,
  };
}

export async function requestRotateKey(
  { hasher, keys }: KeyRequestParts,
  body: CommandBody<'rotate_key'>,
  context: RequestContext,
): Promise<CommandRequest<CommandPayloadOf<'RotateKey'>>> {
  const { keyId, mode } = await keyOf(keys, body.key_id, context);
  const overlapSeconds = body.overlap_seconds ?? overlapSecondsDefault;
  const secret = mintSecret(mode);
  const secretHint = secretHintOf(secret);
  return {
    stream: context.stream,
    payload: {
      type: 'RotateKey',
      accountId: accountOf(context),
      keyId,
      digest: hasher.digestOf(secret),
      secretHint,
      overlapMs: durationMs(overlapSeconds * 1_000),
    },
    fields: { key_id: keyId, overlap_seconds: overlapSeconds },
    result: { key_id: keyId, secret_hint: secretHint },
    secret,
  };
}

export async function requestChangeKeyPolicy(
  { vault }: KeyRequestParts,
  body: CommandBody<'change_key_policy'>,
  context: RequestContext,
): Promise<CommandRequest<CommandPayloadOf<'ChangeKeyPolicy'>>> {
  const { stream } = context;
  const keyId = keyIdIn(body.key_id);
  const change = await policyChange(body, vault, stream);
  return {
    stream,
    payload: { type: 'ChangeKeyPolicy', accountId: accountOf(context), keyId, change },
    fields: sentFields(body),
    result: { key_id: keyId },
    secret: null,
  };
}

export function requestRevokeKey(
  _parts: KeyRequestParts,
  body: CommandBody<'revoke_key'>,
  context: RequestContext,
): Promise<CommandRequest<CommandPayloadOf<'RevokeKey'>>> {
  const keyId = keyIdIn(body.key_id);
  const [reason, onRevoke] = [body.reason ?? 'requested', body.on_revoke ?? null];
  return Promise.resolve({
    stream: context.stream,
    payload: { type: 'RevokeKey', accountId: accountOf(context), keyId, reason, onRevoke },
    fields: { key_id: keyId, reason, on_revoke: onRevoke },
    result: { key_id: keyId },
    secret: null,
  });
}

/** @throws InvalidField: a restriction that nobody could hold it to is none */
function ofSigningKey(policy: KeyPolicy, { source_cidrs: said }: CommandBody<'register_signing_key'>): KeyPolicy {
  // Those of its maker are not its client's fault; the lane refuses it a child that could not be held to them.
  if (said === undefined || said === null) return { ...policy, sourceCidrs: null };
  throw new InvalidField(
    ['source_cidrs'],
    'signing_key',
    'holds for requests; what a signing key signs comes from no address',
  );
}

/** The policies that a new key has to keep to: of the account's own key that asks for it, and of that key's ancestors. */
function makersOf(keys: KeyFinder, context: RequestContext): readonly KeyPolicy[] {
  const accountId = accountOf(context);
  if (accountId === null) return [];
  const line = keys.lineOf(context.keyId);
  return line[0]?.accountId === accountId ? line.map(({ policy }) => policy) : [];
}

/** null: among the operators' keys. */
function accountOf({ stream }: RequestContext): AccountId | null {
  return stream === platformStream ? null : (parseAccountId(stream) ?? null);
}

/** @throws InvalidField: the body names another home than the command */
function homeOf(context: RequestContext, named: string | null | undefined): AccountId | null {
  if (named === undefined || named === null || named === context.stream) return accountOf(context);
  throw new InvalidField(['account_id'], 'account', 'is what the command is about, or is left out');
}

async function keyOf(keys: KeyFinder, keyIdText: string, context: RequestContext): Promise<KeyEntry> {
  const home = accountOf(context);
  const found = await keys.find(keyIdIn(keyIdText), ({ accountId }) => accountId === home);
  if (found !== undefined) return found;
  throw new InvalidField(['key_id'], 'key', 'is the id of a key of this account');
}

function keyIdIn(text: string): KeyId {
  const keyId = parseKeyId(text);
  invariant(keyId !== undefined, 'the fields of the body were checked');
  return keyId;
}
