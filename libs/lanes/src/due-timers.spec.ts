import { describe, expect, it } from '@jest/globals';
import { MemoryEventStore, MemoryLog } from '@ringfence/event-store-memory/memory-event-store';
import type { AccountId, StreamId } from '@ringfence/kernel/ids';
import { addDuration, durationMs, type EpochMs } from '@ringfence/kernel/units';
import { FakeClock } from '@ringfence/testing/fake-clock';
import { FakeTimers } from '@ringfence/testing/fake-timers';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import { allLanes, batchOf, laneCount } from '@ringfence/ports/log/sample-batches';
import { duePageMax, DueTimers } from './due-timers.js';
import { OwnedLanes } from './owned-lanes.js';

const day = 24 * 3_600_000;

function timersOfOne() {
  const clock = new FakeClock();
  const timers = new FakeTimers(clock);
  const store = new MemoryEventStore(new MemoryLog(), clock);
  const lanes = new OwnedLanes(laneCount);
  const sounded: (readonly [StreamId, EpochMs])[] = [];
  const due = new DueTimers(store, { dueUpTo: () => clock.now() }, timers, lanes, (stream) =>
    sounded.push([stream, clock.now()]),
  );
  const inMs = (delayMs: number) => addDuration(clock.now(), durationMs(delayMs));
  return { clock, timers, store, lanes, due, sounded, inMs };
}

describe('the moments at which time will act', () => {
  const ids = new PredictableIds();
  const accounts = (count: number): readonly AccountId[] => Array.from({ length: count }, () => ids.accountId());

  it('come once each, in their order, at what was said of them last', async () => {
    const { timers, due, sounded, inMs } = timersOfOne();
    const [first = ids.accountId(), second = ids.accountId(), never = ids.accountId()] = accounts(3);
    due.set(first, inMs(1_000));
    due.set(second, inMs(2_000));
    due.set(never, inMs(2_000));
    const firstAt = inMs(3_000);
    due.set(first, firstAt);
    const secondAt = inMs(1_500);
    due.set(second, secondAt);
    due.set(never, null);
    await timers.advance(5_000);
    expect(sounded).toEqual([
      [second, secondAt],
      [first, firstAt],
    ]);
    expect(due.entries).toBe(0);
    due.stop();
  });

  it('are found in the store to the last, however many are due before it that nobody acts on', async () => {
    const { timers, store, lanes, due, sounded, inMs } = timersOfOne();
    const [late, idle] = [ids.accountId(), accounts(duePageMax + 1)];
    lanes.take(await store.takeLanes(allLanes, 'spec'));
    const fences = lanes.fencesOf(allLanes);
    const parts = [...idle.map((stream) => ({ stream, dueMs: inMs(0) })), { stream: late, dueMs: inMs(1) }];
    await store.append(
      batchOf(
        fences,
        parts.map((part) => ({ ...part, after: 0, texts: ['a'] })),
      ),
    );
    await due.look();
    await timers.advance(1);
    expect(sounded.length).toBe(idle.length + 1);
    expect(sounded.at(-1)?.[0]).toBe(late);
    due.stop();
  });

  it('take no more room than a few entries a stream, however often they are put off to days from now', async () => {
    const { timers, due, sounded, inMs } = timersOfOne();
    const [waiting, idle] = [accounts(10), accounts(100)];
    const soon = inMs(10_000);
    for (const account of waiting) due.set(account, soon);
    // A call comes and goes again and again: its moment, then that of the key's overlap, and of the next call.
    let most = 0;
    const overlapEnds = inMs(30 * day);
    for (let call = 0; call < 2_000; call += 1)
      for (const account of idle) {
        due.set(account, inMs(60_000));
        due.set(account, overlapEnds);
        most = Math.max(most, due.entries);
      }
    expect(most).toBeLessThanOrEqual(4_096 + 4 * (waiting.length + idle.length));
    expect(sounded).toEqual([]);
    for (const account of idle) due.set(account, soon);
    await timers.advance(20_000);
    expect([...sounded].sort()).toEqual([...waiting, ...idle].map((account) => [account, soon]));
    due.stop();
  });
});
