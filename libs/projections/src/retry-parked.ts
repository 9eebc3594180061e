import type { StreamId } from '@ringfence/kernel/ids';
import { position, streamVersion } from '@ringfence/kernel/units';
import { lockCheckpoint, park, type Parking, readParked, unpark } from './checkpoints.js';
import type { EventHistory } from './event-source.js';
import { reasonOf } from './failures.js';
import { positionOfStream } from './partitions.js';
import { foldEvents, isEventsFault } from './projection-writer.js';
import type { RunnableProjection } from './runnable-projection.js';
import type { SqlDatabase } from '@ringfence/ports/sql/sql-database';

/** The most events of a parked stream in one transaction. */
const retryEventsMax = 1_000;

export type Retried = { readonly stream: StreamId; readonly caughtUp: boolean; readonly reason: string | null };

/**
 * Retries parked streams, each from the event that failed and in order; one that fails again stays parked there. Works
 * while the projection runs, in this process or another.
 * @param stream null: all of them
 */
export async function retryParked(
  projection: RunnableProjection,
  stream: StreamId | null,
  { db, history }: { readonly db: SqlDatabase; readonly history: EventHistory },
): Promise<readonly Retried[]> {
  const parked = await readParked(db, projection.name);
  const retried: Retried[] = [];
  for (const each of parked.keys()) {
    if (stream !== null && each !== stream) continue;
    let outcome = await retrySome(projection, each, db, history);
    while (outcome === 'more') outcome = await retrySome(projection, each, db, history);
    retried.push({
      stream: each,
      caughtUp: outcome === 'caught_up',
      reason: outcome === 'caught_up' ? null : outcome.reason,
    });
  }
  return retried;
}

async function retrySome(
  projection: RunnableProjection,
  stream: StreamId,
  db: SqlDatabase,
  history: EventHistory,
): Promise<'more' | 'caught_up' | { readonly reason: string }> {
  try {
    return await db.transaction(async (tx) => {
      const checkpoint = await lockCheckpoint(tx, projection.name);
      const from = (await readParked(tx, projection.name)).get(stream);
      if (checkpoint === undefined || from === undefined) return 'caught_up';
      const read = await history.readStream(stream, streamVersion(from), retryEventsMax);
      // Events that the projection has not reached yet arrive by themselves once the stream is no longer parked.
      const reached = await positionOfStream(tx, projection.name, checkpoint, stream);
      const passed = read.filter((event) => event.position < reached);
      const { batch, parkings } = foldEvents(projection, passed, new Map());
      batch.write(tx);
      const [again] = parkings;
      if (again !== undefined) {
        park(tx, projection.name, [again]);
        return { reason: again.reason };
      }
      const last = passed.at(-1);
      if (last === undefined || passed.length < retryEventsMax) {
        unpark(tx, projection.name, stream);
        return 'caught_up';
      }
      park(tx, projection.name, [waitingAfter(stream, last.version, last.position)]);
      return 'more';
    });
  } catch (failure) {
    if (!isEventsFault(failure)) throw failure;
    return { reason: reasonOf(failure) };
  }
}

function waitingAfter(stream: StreamId, version: number, at: number): Parking {
  return { stream, firstVersion: version + 1, firstPosition: position(at + 1), reason: 'being_retried' };
}
