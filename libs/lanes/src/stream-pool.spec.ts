import { describe, expect, it } from '@jest/globals';
import { MemoryEventStore, MemoryLog } from '@ringfence/event-store-memory/memory-event-store';
import { streamVersion } from '@ringfence/kernel/units';
import { exampleAccountId } from '@ringfence/testing/examples';
import { FakeClock } from '@ringfence/testing/fake-clock';
import { FakeTimers } from '@ringfence/testing/fake-timers';
import { LaneClock } from './lane-clock.js';
import { silentLaneMetrics } from './lane-metrics.js';
import { laneModels } from './lane-models.js';
import { emptyStream } from './loaded-stream.js';
import { Snapshotter } from './snapshotter.js';
import { CachedStreams } from './stream-pool.js';

const nothing = () => undefined;
const events = { loaded: nothing, unavailable: nothing, unreadable: nothing, outdated: nothing };

describe('a stream in memory', () => {
  it('is written as a snapshot once, although a batch was decided before it was stored and committed after', async () => {
    const [clock, timers] = [new FakeClock(), new FakeTimers()];
    const store = new MemoryEventStore(new MemoryLog(), clock);
    const saved: number[] = [];
    const metrics = { ...silentLaneMetrics, snapshotSaved: (pieces: number) => saved.push(pieces) };
    const snapshotter = new Snapshotter(store, timers, metrics);
    const laneClock = new LaneClock(clock, timers, store, silentLaneMetrics);
    const pool = new CachedStreams(() => true, laneModels.account, {
      store,
      timers,
      clock: laneClock,
      snapshotter,
      events,
    });
    const decided = { ...emptyStream(laneModels.account), version: streamVersion(1_000) };
    pool.commit(exampleAccountId, decided);
    await timers.advance(1_000);
    expect(saved).toHaveLength(1);
    pool.commit(exampleAccountId, { ...decided, version: streamVersion(1_001) });
    await timers.advance(1_000);
    expect(saved).toHaveLength(1);
    pool.commit(exampleAccountId, { ...decided, version: streamVersion(2_000) });
    await timers.advance(1_000);
    expect(saved).toHaveLength(2);
  });
});
