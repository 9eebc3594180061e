import type { CallId, KeyId } from '@ringfence/kernel/ids';
import type { Map as ImmutableMap, Set as ImmutableSet } from 'immutable';
import type { Usage } from '../limits/usage.js';
import type { Mode } from '../shared/values.js';
import { keyLine, type KeyLine } from './key-line.js';
import type { KnownKey } from './key-state.js';

/** A key with its usage. */
export type KeyUsage = {
  readonly key: KnownKey;
  /** Usage by the key and its descendants, counted per mode: a test key below a live one uses nothing of live. */
  readonly used: Readonly<Record<Mode, Usage>>;
  /** The key's own live calls whose hang-up has not been requested. */
  readonly activeCalls: ImmutableSet<CallId>;
  /** Children that have, or whose descendants have, lines in use. */
  readonly busyChildren: ImmutableSet<KeyId>;
};

/** The keys of one account. */
export type KeyUsages = ImmutableMap<KeyId, KeyUsage>;

/** A key and its ancestors with their usage, the key itself first; empty: the key is unknown. */
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
