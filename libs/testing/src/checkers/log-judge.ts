import { hashOf, noPrevHash } from '@ringfence/event-catalog/hash';
import type { KeyId } from '@ringfence/kernel/ids';
import { laneOf } from '@ringfence/kernel/lane';
import type { Evidence } from './evidence.js';
import { Parents } from './reference-lines.js';

/**
 * Checks that positions are dense, versions gapless, and that every event carries the hash of the previous one in its
 * stream.
 */
export function wholeLog({ recorded, events }: Evidence): readonly string[] {
  const faults: string[] = [];
  const ends = new Map<string, { version: number; hash: string; decidedAtMs: number }>();
  for (const [at, { bytes, position, stream, version }] of recorded.entries()) {
    const event = events[at];
    const end = ends.get(stream) ?? { version: 0, hash: noPrevHash, decidedAtMs: 0 };
    if (position !== at) faults.push(`position ${position} is at ${at}`);
    if (version !== end.version + 1) faults.push(`${stream} goes from version ${end.version} to ${version}`);
    if (event?.version !== version || event.stream !== stream) faults.push(`the bytes at ${at} say another place`);
    if (event?.prevHash !== end.hash) faults.push(`the chain of ${stream} is broken at version ${version}`);
    const decidedAtMs = event?.decidedAtMs ?? 0;
    if (decidedAtMs < end.decidedAtMs) faults.push(`${stream} goes back in time at version ${version}`);
    ends.set(stream, { version, hash: hashOf(bytes), decidedAtMs });
  }
  return faults;
}

/** Checks that no event after KeyRevoked was issued by this key or a descendant of it. */
export function nothingAfterRevocation({ events }: Evidence): readonly string[] {
  const revoked = new Set<string>();
  const parents = new Parents();
  return events.flatMap((event) => {
    const { data, issuedBy, position } = event;
    parents.apply(event);
    const issuer = issuedBy.kind === 'key' ? issuedBy.id : undefined;
    const late = issuer !== undefined && parents.lineOf(issuer).some((keyId) => revoked.has(keyId));
    if (data.type === 'KeyRevoked') revoked.add(data.keyId satisfies KeyId);
    return late
      ? [`${data.type} at ${position} is issued by ${issuer}, which was revoked before, or hangs from a key that was`]
      : [];
  });
}

/** Checks that each lane is written only by the last process that took it. */
export function oneWriter({ committed, taken, laneCount }: Evidence): readonly string[] {
  const owners = new Map<number, string>();
  const takings = taken.toSorted((one, other) => one.order - other.order);
  let next = 0;
  return committed.flatMap(({ process, streams, consumed, order }) => {
    // Takings and commits are ordered among each other: the store notes both when it performs them.
    for (let taking = takings[next]; taking !== undefined && taking.order < order; taking = takings[next]) {
      owners.set(taking.lane, taking.process);
      next += 1;
    }
    const lanes = new Set([...streams.map((stream) => laneOf(stream, laneCount)), ...consumed.map(({ lane }) => lane)]);
    return [...lanes].flatMap((lane) => {
      const owner = owners.get(lane);
      return owner === process ? [] : [`${process} wrote for lane ${lane}, which ${owner ?? 'nobody'} had taken`];
    });
  });
}

/** Checks that nothing was reported that only a bug can cause. */
export function nothingBroken({ broken }: Evidence): readonly string[] {
  return broken.map(({ process, what }) => `${process} says that ${what}`);
}
