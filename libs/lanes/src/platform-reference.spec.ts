import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryEventStore, MemoryLog } from '@ringfence/event-store-memory/memory-event-store';
import type { RecordedEvent } from '@ringfence/ports/log/event-store';
import { platformStream, type StreamId } from '@ringfence/kernel/ids';
import { epochMs, type StreamVersion } from '@ringfence/kernel/units';
import { examplePolicy, sealedExample } from '@ringfence/testing/examples';
import { FakeClock } from '@ringfence/testing/fake-clock';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import { openOrCreateLog } from './open-log.js';
import { LaneExecutor } from './lane-executor.js';
import type { LaneHost } from './lane-host.js';
import { laneModels } from './lane-models.js';
import { PlatformReference } from './platform-reference.js';
import { systemTimers } from '@ringfence/runtime/system-timers';

const clock = new FakeClock();
const ids = new PredictableIds();
const host: LaneHost = {
  lanesLost: () => undefined,
  parked: () => undefined,
  quarantined: () => undefined,
  outdated: () => undefined,
  broken: () => undefined,
};

/** Reports when a stream was read, before its reader has the result. */
class WatchedStore extends MemoryEventStore {
  onRead: () => Promise<void> = () => Promise.resolve();

  override async readStream(stream: StreamId, from: StreamVersion, limit: number): Promise<readonly RecordedEvent[]> {
    const page = await super.readStream(stream, from, limit);
    const { onRead } = this;
    this.onRead = () => Promise.resolve();
    await onRead();
    return page;
  }
}

describe('the platform’s stream, as decisions read it', () => {
  let store: WatchedStore;
  let other: LaneExecutor;
  let reference: PlatformReference;
  beforeEach(async () => {
    const memory = new MemoryLog();
    store = new WatchedStore(memory, clock);
    const log = await openOrCreateLog(store, { clock, ids, owner: 'spec' });
    const routes = { live: [], test: [] };
    const parts = { store: new MemoryEventStore(memory, clock), clock, ids, host, log, routes, timers: systemTimers };
    other = await LaneExecutor.start({ ...parts, owner: 'other', lanes: 'all' });
    reference = await PlatformReference.load(store, laneModels.platform, host);
  });
  afterEach(() => other.stop());

  it('is read again for what was announced while it was being read', async () => {
    reference.noteRemoteAdvance(await keyIssued());
    store.onRead = async () => {
      reference.noteRemoteAdvance(await keyIssued());
    };
    await reference.ensureFresh();
    expect(reference.isFresh).toBe(false);

    await reference.ensureFresh();
    expect(reference.isFresh).toBe(true);
    expect(reference.loaded.state.keys.size).toBe(2);
  });

  it('does not fall back to what was read before something was committed', async () => {
    await keyIssued();
    store.onRead = async () => {
      await keyIssued();
      await reference.refresh();
    };
    await reference.refresh();

    expect(reference.loaded.state.keys.size).toBe(2);
  });

  async function keyIssued(): Promise<StreamVersion> {
    await other.dispatch({
      commandId: ids.commandId(),
      idChosenByClient: false,
      fingerprint: Buffer.from('fields'),
      stream: platformStream,
      principal: { kind: 'operator', name: 'spec' },
      payload: {
        type: 'IssueKey',
        accountId: null,
        keyId: ids.keyId(),
        mode: 'live',
        label: sealedExample('a key'),
        digest: { pepperId: 'p', hmacSha256: '0'.repeat(64) },
        secretHint: 'abcd',
        policy: { ...examplePolicy, scopes: ['accounts:admin'] },
        policyHash: '0'.repeat(64),
      },
      result: {},
      deadlineMs: epochMs(clock.now() + 5_000),
      traceparent: null,
    });
    const events = await store.readStream(platformStream, 1 as StreamVersion, 1_000);
    return events.at(-1)?.version ?? (0 as StreamVersion);
  }
});
