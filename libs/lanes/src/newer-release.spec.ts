import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryEventStore, MemoryLog } from '@ringfence/event-store-memory/memory-event-store';
import { type AccountId, platformStream, type StreamId } from '@ringfence/kernel/ids';
import { laneOf } from '@ringfence/kernel/lane';
import { epochMs, micros, streamVersion, type StreamVersion } from '@ringfence/kernel/units';
import { exampleOpening, examplePolicy, sealedExample } from '@ringfence/testing/examples';
import { FakeClock } from '@ringfence/testing/fake-clock';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import { openPricedLog } from '@ringfence/testing/priced-log';
import type { SubmittedCommand, CommandPayload } from '@ringfence/commands/command-dispatcher';
import { LaneExecutor } from './lane-executor.js';
import type { LaneHost } from './lane-host.js';
import { systemTimers } from '@ringfence/runtime/system-timers';

const unavailable = { code: 'lane_unavailable', retryable: true };

class Bench {
  readonly clock = new FakeClock();
  readonly ids = new PredictableIds();
  readonly store = new MemoryEventStore(new MemoryLog(), this.clock);
  readonly notices: string[] = [];
  readonly host: LaneHost = {
    lanesLost: () => this.notices.push('lanesLost'),
    parked: ({ commandId }) => this.notices.push(`parked ${commandId}`),
    quarantined: (stream) => this.notices.push(`quarantined ${stream}`),
    outdated: (stream) => this.notices.push(`outdated ${stream}`),
    broken: () => this.notices.push('broken'),
  };
  readonly executors: LaneExecutor[] = [];

  async start(): Promise<LaneExecutor> {
    const { store, clock, ids, host } = this;
    const log = await openPricedLog(store, { clock, ids, owner: 'spec' });
    const routes = { live: [], test: [] };
    const shared = { store, clock, ids, host, log, routes, timers: systemTimers };
    const executor = await LaneExecutor.start({ ...shared, owner: 'spec', lanes: 'all' });
    this.executors.push(executor);
    return executor;
  }

  async opened(executor: LaneExecutor): Promise<AccountId> {
    const accountId = this.ids.accountId();
    await executor.dispatch(this.command(accountId, exampleOpening(accountId, { timeZone: 'Europe/Berlin' })));
    return accountId;
  }

  credit(accountId: AccountId): SubmittedCommand {
    return this.command(accountId, {
      type: 'AddCredit',
      accountId,
      mode: 'test',
      amountMicros: micros(1n),
      reference: null,
    });
  }

  issueOperatorKey(): SubmittedCommand {
    return this.command(platformStream, {
      type: 'IssueKey',
      accountId: null,
      keyId: this.ids.keyId(),
      mode: 'live',
      label: sealedExample('a key'),
      digest: { pepperId: 'p', hmacSha256: '0'.repeat(64) },
      secretHint: 'abcd',
      policy: { ...examplePolicy, scopes: ['accounts:admin'] },
      policyHash: '0'.repeat(64),
    });
  }

  command(stream: StreamId, payload: CommandPayload): SubmittedCommand {
    return {
      commandId: this.ids.commandId(),
      idChosenByClient: false,
      fingerprint: Buffer.from('fields'),
      stream,
      principal: { kind: 'operator', name: 'spec' },
      payload,
      result: {},
      deadlineMs: epochMs(this.clock.now() + 5_000),
      traceparent: null,
    };
  }

  /** Writes as a future release would: the stream's last event once more, in a version that this one does not know. */
  async writeAsNewerRelease(stream: StreamId): Promise<StreamVersion> {
    const last = (await this.store.readStream(stream, streamVersion(1), 1_000)).at(-1);
    if (last === undefined) throw new Error('the stream has no event');
    const version = streamVersion(last.version + 1);
    const text = Buffer.from(last.bytes)
      .toString('utf8')
      .replace(/"type":"(ringfence[^"]*)\.v\d+"/, '"type":"$1.v9999"')
      .replace(/"streamversion":"\d+"/, `"streamversion":"${String(version)}"`);
    const event = { type: last.type.replace(/\d+$/, '9999'), subject: last.subject, bytes: Buffer.from(text, 'utf8') };
    const fences = await this.store.takeLanes([laneOf(stream, 64)], 'newer release');
    const appends = [{ stream, expectedVersion: last.version, events: [event], nextDueMs: null }];
    await this.store.append({ appends, unchanged: [], outcomes: [], fences });
    return version;
  }
}

describe('a decider of an older release', () => {
  let b: Bench;
  beforeEach(() => {
    b = new Bench();
  });
  afterEach(async () => {
    for (const executor of b.executors) await executor.stop();
  });

  it('decides nothing of an account to which a newer one has written, sets nothing aside and says that it is outdated', async () => {
    const before = await b.start();
    const [newer, sound] = [await b.opened(before), await b.opened(before)];
    await before.stop();
    await b.writeAsNewerRelease(newer);
    const executor = await b.start();
    const command = b.credit(newer);
    const [rejected, fine] = await Promise.allSettled([executor.dispatch(command), executor.dispatch(b.credit(sound))]);
    expect(rejected).toMatchObject({ status: 'rejected', reason: unavailable });
    expect(fine).toMatchObject({ status: 'fulfilled', value: { accepted: true } });
    expect(b.notices).toEqual([`outdated ${newer}`]);
    // The next decider finds it as if nobody had seen it.
    expect(await b.store.findOutcomes([command])).toEqual([]);
    expect(await b.store.readStream(newer, streamVersion(1), 100)).toHaveLength(2);
    await expect(executor.dispatch(command)).rejects.toMatchObject(unavailable);
  });

  it('decides nothing any more when a newer one has written to the platform’s stream, and parks nothing', async () => {
    const executor = await b.start();
    const account = await b.opened(executor);
    await executor.dispatch(b.issueOperatorKey());
    executor.onPlatformAdvanced(await b.writeAsNewerRelease(platformStream));
    await expect(executor.dispatch(b.credit(account))).rejects.toMatchObject(unavailable);
    await expect(executor.acquire([laneOf(account, 64)])).rejects.toMatchObject(unavailable);
    expect(new Set(b.notices)).toEqual(new Set([`outdated ${platformStream}`]));
    expect(await b.store.readStream(account, streamVersion(1), 100)).toHaveLength(1);
  });

  it('does not begin where a newer one has written to the platform’s stream, and says why', async () => {
    const before = await b.start();
    await before.dispatch(b.issueOperatorKey());
    await before.stop();
    await b.writeAsNewerRelease(platformStream);
    await expect(b.start()).rejects.toThrow(/this release reads this event type up to version \d+/);
  });
});
