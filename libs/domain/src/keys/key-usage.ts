import type { CallId, KeyId } from '@ringfence/kernel/ids';
import type { Map as ImmutableMap, Set as ImmutableSet } from 'immutable';
import type { Usage } from '../limits/usage.js';
import type { Mode } from '../shared/values.js';
import { keyLine, type KeyLine } from './key-line.js';
import type { KnownKey } from './key-state.js';

/** A key with what has been used of its limits. */
export type KeyUsage = {
  readonly key: KnownKey;
  /** Used by the key and the keys below it. Modes are counted apart: a test key below a live one uses nothing live. */
  readonly used: Readonly<Record<Mode, Usage>>;
  /** The key's own calls that are live and that nobody has asked to end. */
  readonly activeCalls: ImmutableSet<CallId>;
  /** The key's children whose lines, or those of keys below them, are in use. */
  readonly busyChildren: ImmutableSet<KeyId>;
};

/** The keys of one account. */
export type KeyUsages = ImmutableMap<KeyId, KeyUsage>;

/** A key and its ancestors with what they have used, the key itself first; empty: it is not known. */
export function usageLine(keys: KeyUsages, keyId: KeyId): KeyLine<KeyUsage> {
  return keyLine(
    keyId,
    (each) => keys.get(each),
    ({ key }) => key.parentKeyId,
  );
}

export function lineOf(keys: KeyUsages, keyId: KeyId): KeyLine {
  return usageLine(keys, keyId).map(({ key }) => key);
}

export function isBusy({ used }: Pick<KeyUsage, 'used'>): boolean {
  return used.live.lines + used.test.lines > 0;
}
