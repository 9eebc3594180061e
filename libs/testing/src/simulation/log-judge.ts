import { hashOf, noPrevHash } from '@ringfence/event-catalog/hash';
import type { KeyId } from '@ringfence/kernel/ids';
import { laneOf } from '@ringfence/kernel/lane';
import type { Evidence } from './evidence.js';
import { simulatedLanes } from './simulated-topics.js';

/** Positions are dense, versions gapless, and every event carries the hash of the one before it in its stream. */
export function wholeLog({ recorded, events }: Evidence): readonly string[] {
  const faults: string[] = [];
  const ends = new Map<string, { version: number; hash: string; decidedAtMs: number }>();
  for (const [at, { bytes, position, stream, version }] of recorded.entries()) {
    const event = events[at];
    const end = ends.get(stream) ?? { version: 0, hash: noPrevHash, decidedAtMs: 0 };
    if (position !== at) faults.push(`position ${position} stands at ${at}`);
    if (version !== end.version + 1) faults.push(`${stream} goes from version ${end.version} to ${version}`);
    if (event?.version !== version || event.stream !== stream) faults.push(`the bytes at ${at} say another place`);
    if (event?.prevHash !== end.hash) faults.push(`the chain of ${stream} is broken at version ${version}`);
    const decidedAtMs = event?.decidedAtMs ?? 0;
    if (decidedAtMs < end.decidedAtMs) faults.push(`${stream} goes back in time at version ${version}`);
    ends.set(stream, { version, hash: hashOf(bytes), decidedAtMs });
  }
  return faults;
}

/** After KeyRevoked nothing follows that this key issued. */
export function nothingAfterRevocation({ events }: Evidence): readonly string[] {
  const revoked = new Set<string>();
  return events.flatMap(({ data, issuedBy, position }) => {
    const issuer = issuedBy.kind === 'key' ? issuedBy.id : undefined;
    const late = issuer !== undefined && revoked.has(issuer);
    if (data.type === 'KeyRevoked') revoked.add(data.keyId satisfies KeyId);
    return late ? [`${data.type} at ${position} is issued by ${issuer}, which was revoked before`] : [];
  });
}

/** Whoever writes for a lane was the last to take it. */
export function oneWriter({ committed, taken }: Evidence): readonly string[] {
  return committed.flatMap((commit) => {
    const lanes = new Set([
      ...commit.streams.map((stream) => laneOf(stream, simulatedLanes)),
      ...commit.consumed.map(({ lane }) => lane),
    ]);
    return [...lanes].flatMap((lane) => {
      // A taking and a commit never share a moment's order: both are noted when the store does them.
      const last = taken.findLast((each) => each.lane === lane && each.order < commit.order);
      return last?.process === commit.process
        ? []
        : [`${commit.process} wrote for lane ${lane}, which ${last?.process ?? 'nobody'} had taken`];
    });
  });
}

/** Nothing was shouted that only a bug brings about. */
export function nothingBroken({ broken }: Evidence): readonly string[] {
  return broken.map(({ process, what }) => `${process} says that ${what}`);
}
