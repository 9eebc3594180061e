import { afterAll, afterEach, beforeAll } from '@jest/globals';
import type { EventStore, LaneFence } from './event-store.js';
import { allLanes } from './sample-batches.js';

/** One log, and as many stores over it as a test asks for. */
export type LogUnderTest = {
  /** Another store over the log, as another process would open it. */
  readonly open: () => Promise<EventStore>;
  /** Empties the log. */
  readonly clear: () => Promise<void>;
  /** Breaks every connection that the stores have, and waits for what they were doing; undefined: they have none. */
  readonly breakConnections: (() => Promise<void>) | undefined;
  readonly close: () => Promise<void>;
};

type StoresUnderTest = {
  /** Another store over the log, closed after the test. */
  readonly another: () => Promise<EventStore>;
  /** Empties the log and opens a store that owns all lanes: what a test begins with. */
  readonly begin: () => Promise<{ readonly store: EventStore; readonly fences: readonly LaneFence[] }>;
  readonly breakConnections: () => Promise<void>;
};

/** Opens the log of a contract for the suite that it is called in, and closes each test's stores. */
export function storesUnderTest(openLog: () => Promise<LogUnderTest>): StoresUnderTest {
  let log: LogUnderTest;
  const opened: EventStore[] = [];
  const another = async () => {
    const made = await log.open();
    opened.push(made);
    return made;
  };
  beforeAll(async () => {
    log = await openLog();
  });
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.close();
  });
  afterAll(() => log.close());
  return {
    another,
    begin: async () => {
      await log.clear();
      const store = await another();
      return { store, fences: await store.takeLanes(allLanes, 'test') };
    },
    breakConnections: async () => {
      await log.breakConnections?.();
    },
  };
}
