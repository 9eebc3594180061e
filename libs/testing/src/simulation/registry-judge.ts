import { registryStaleAfterMs } from '@ringfence/auth/key-registry';
import { commitsByPosition } from '../checkers/evidence.js';
import { Parents } from '../checkers/reference-lines.js';
import type { SimulatedEvidence as Evidence } from './evidence.js';

/** The largest difference of clocks in a simulated cluster, in either direction. */
const clocksDifferMs = 400;
const behindMsMax = registryStaleAfterMs + clocksDifferMs;

/** Checks that a gateway admits no requests once its registry has been behind for longer than permitted. */
export function freshWhenAdmitting({ admitted, committed }: Evidence): readonly string[] {
  return admitted.flatMap(({ gateway, keyId, seen, atMs }) => {
    const missed = committed.find(({ head }) => head > seen);
    const missedMs = missed === undefined ? 0 : atMs - missed.atMs;
    if (missedMs <= behindMsMax) return [];
    return [`${gateway} lets ${keyId} in ${String(missedMs)} ms after something that it has not seen`];
  });
}

/**
 * Checks that a key is not admitted once its revocation, or an ancestor's, has been in the log for longer than a
 * registry may be behind, whatever the registry believes of itself.
 */
export function revokedIsRejected({ admitted, committed, events }: Evidence): readonly string[] {
  const commitAt = commitsByPosition(committed);
  const revokedAtMs = new Map(
    events.flatMap(({ data, position }): [string, number][] =>
      data.type === 'KeyRevoked' ? [[data.keyId, commitAt(position)?.atMs ?? 0]] : [],
    ),
  );
  const parents = new Parents();
  for (const event of events) parents.apply(event);
  return admitted.flatMap(({ gateway, keyId, atMs }) => {
    const lateMs = Math.max(...parents.lineOf(keyId).map((each) => atMs - (revokedAtMs.get(each) ?? atMs)));
    return lateMs <= behindMsMax
      ? []
      : [`${gateway} lets ${keyId} in ${String(lateMs)} ms after it, or an ancestor, was revoked`];
  });
}
