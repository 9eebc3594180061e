import { registryStaleAfterMs } from '@ringfence/application/auth/key-registry';
import type { SimulatedEvidence as Evidence } from './evidence.js';

/** Clocks of a simulated cluster differ by so much at most, both ways. */
const clocksDifferMs = 400;

/** A gateway lets nobody in that has missed something for longer than it may. */
export function freshWhenLettingIn({ letIn, committed }: Evidence): readonly string[] {
  return letIn.flatMap(({ gateway, keyId, seen, atMs }) => {
    const missed = committed.find(({ head }) => head > seen);
    const missedMs = missed === undefined ? 0 : atMs - missed.atMs;
    if (missedMs <= registryStaleAfterMs + clocksDifferMs) return [];
    return [`${gateway} lets ${keyId} in ${String(missedMs)} ms after something that it has not seen`];
  });
}
