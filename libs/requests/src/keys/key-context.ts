import type { KeyPolicy } from '@ringfence/domain/keys/key-policy';
import { type AccountId, type KeyId, parseKeyId, platformStream } from '@ringfence/kernel/ids';
import { invariant } from '@ringfence/kernel/invariant';
import type { KeyFinder } from '../key-finder.js';
import { accountOfStream, InvalidField, type RequestContext } from '../command-request.js';

/** The policies that bound a new key: those of the account's key that requests it, and of that key's ancestors. */
export function makersOf(keys: KeyFinder, context: RequestContext): readonly KeyPolicy[] {
  const accountId = accountOf(context);
  if (accountId === null) return [];
  const line = keys.lineOf(context.keyId);
  return line[0]?.accountId === accountId ? line.map(({ policy }) => policy) : [];
}

/** The account of the keys; null: operators' keys. @throws InvalidField: the stream has no keys */
export function accountOf({ stream }: RequestContext): AccountId | null {
  return stream === platformStream ? null : accountOfStream(stream);
}

/** @throws InvalidField: the body and the command name different homes */
export function homeNamedIn(context: RequestContext, named: string | null | undefined): AccountId | null {
  if (named === undefined || named === null || named === context.stream) return accountOf(context);
  throw new InvalidField(['account_id'], 'account', 'is what the command is about, or is left out');
}

export function keyIdIn(text: string): KeyId {
  const keyId = parseKeyId(text);
  invariant(keyId !== undefined, 'the fields of the body were checked');
  return keyId;
}
