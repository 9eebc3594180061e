import type { KeyLine } from '@ringfence/domain/keys/key-line';
import type { SecretDigest } from '@ringfence/domain/keys/key.events';
import type { EpochMs } from '@ringfence/kernel/units';
import type { KeyEntry } from './key-entry.js';
import type { RenewedDigests } from './renewed-digests.js';

/** A key in force that depends on peppers other than certain ones. */
export type HangingKey = {
  readonly entry: KeyEntry;
  /** The peppers under any of which the key could be checked. */ readonly pepperIds: readonly string[];
};

/** Yields the keys in force with a valid secret that none of these peppers recognises. */
export function* keysHanging(
  lines: Iterable<KeyLine<KeyEntry>>,
  renewals: RenewedDigests,
  pepperIdsLeft: ReadonlySet<string>,
  nowMs: EpochMs,
): Generator<HangingKey, undefined> {
  for (const line of lines) {
    const [entry] = line;
    if (entry === undefined || !isInForce(line, nowMs)) continue;
    for (const digest of digestsInForce(entry, nowMs)) {
      const pepperIds = renewals.pepperIdsOf(digest);
      if ([...pepperIds].some((id) => pepperIdsLeft.has(id))) continue;
      yield { entry, pepperIds: [...pepperIds] };
      break;
    }
  }
}

/** Checks the whole line, because a child ends with any of its ancestors. */
function isInForce(line: KeyLine<KeyEntry>, nowMs: EpochMs): boolean {
  const isWhole = line.at(-1)?.parentKeyId === null;
  return (
    isWhole &&
    line.every(
      ({ state, policy: { expiresAtMs } }) =>
        state.status === 'active' && (expiresAtMs === null || nowMs < expiresAtMs),
    )
  );
}

function digestsInForce({ credential }: KeyEntry, nowMs: EpochMs): readonly SecretDigest[] {
  if (credential.kind !== 'secret') return [];
  const { digest, previous } = credential;
  return previous === null || nowMs >= previous.untilMs ? [digest] : [digest, previous.digest];
}
