import { afterEach, describe, expect, it } from '@jest/globals';
import { openLog } from '../bootstrap/open-log.js';
import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import { hashOf, noPrevHash } from '@ringfence/event-catalog/hash';
import type { AppendBatch, AppendResult } from '@ringfence/event-store/event-store';
import { MemoryEventStore, MemoryLog } from '@ringfence/event-store-memory/memory-event-store';
import { Failure } from '@ringfence/kernel/failure';
import type { AccountId, CommandId } from '@ringfence/kernel/ids';
import type { Lane } from '@ringfence/kernel/lane';
import { epochMs, micros, position, streamVersion } from '@ringfence/kernel/units';
import { sealedExample } from '@ringfence/testing/examples';
import { FakeClock } from '@ringfence/testing/fake-clock';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import type { SubmittedCommand, Wish } from './command-dispatcher.js';
import { waitingPerStreamMax } from './intake.js';
import { LaneExecutor, type LaneExecutorOptions } from './lane-executor.js';
import type { LaneHost } from './lane-host.js';
import { laneModels } from './lane-models.js';
import { systemTimers } from './system-timers.js';

type Trouble = (batch: AppendBatch) => 'before' | 'after' | undefined;

/** A store whose appends can fail as a database's do: before anything was written, or after, unheard. */
class TroubledStore extends MemoryEventStore {
  trouble: Trouble = () => undefined;
  readonly batches: AppendBatch[] = [];

  override async append(batch: AppendBatch): Promise<AppendResult> {
    const trouble = this.trouble(batch);
    if (trouble === 'before') throw new Failure('event_store_unavailable', 'away', true);
    const done = await super.append(batch);
    this.batches.push(batch);
    if (trouble === 'after') throw new Failure('event_store_unavailable', 'the answer was lost', true);
    return done;
  }
}

class Bench {
  readonly clock = new FakeClock();
  readonly ids = new PredictableIds();
  readonly log = new MemoryLog();
  readonly store = new TroubledStore(this.log, this.clock);
  readonly told: string[] = [];
  readonly host: LaneHost = {
    leaseLost: () => this.told.push('leaseLost'),
    parked: ({ commandId }) => this.told.push(`parked ${commandId}`),
    quarantined: (stream) => this.told.push(`quarantined ${stream}`),
    broken: () => this.told.push('broken'),
  };
  readonly executors: LaneExecutor[] = [];

  async start(change: Partial<LaneExecutorOptions> = {}): Promise<LaneExecutor> {
    const log = await openLog(this.store, { clock: this.clock, ids: this.ids, owner: 'spec' });
    const routes = { live: [], test: [{ trunk: 'sandbox', tier: 'standard' as const, rank: 1 }] };
    const { store, clock, ids, host } = this;
    const options = { store, clock, ids, host, log, routes, timers: systemTimers, owner: 'spec', ...change };
    const executor = await LaneExecutor.start(options);
    this.executors.push(executor);
    return executor;
  }

  command(wish: Wish & { readonly accountId: AccountId }, change: Partial<SubmittedCommand> = {}): SubmittedCommand {
    return {
      commandId: this.ids.commandId(),
      idChosenByClient: false,
      fingerprint: Buffer.from('fields'),
      stream: wish.accountId,
      by: { kind: 'operator', name: 'spec' },
      wish,
      result: { account_id: wish.accountId },
      deadlineMs: epochMs(this.clock.now() + 5_000),
      traceparent: null,
      ...change,
    };
  }

  open(accountId = this.ids.accountId(), change: Partial<SubmittedCommand> = {}): SubmittedCommand {
    const name = sealedExample('Example Inc');
    return this.command(
      { type: 'OpenAccount', accountId, name, currency: 'USD', region: 'eu', timeZone: 'Europe/Berlin' },
      change,
    );
  }

  credit(accountId: AccountId, amount: bigint, change: Partial<SubmittedCommand> = {}): SubmittedCommand {
    return this.command(
      { type: 'AddCredit', accountId, mode: 'test', amountMicros: micros(amount), reference: null },
      change,
    );
  }

  async opened(executor: LaneExecutor): Promise<AccountId> {
    const command = this.open();
    await executor.dispatch(command);
    return command.stream as AccountId;
  }
}

/** A client's own id. */
const chosen = (name: string) => ({ commandId: name as CommandId, idChosenByClient: true });
const running: Bench[] = [];
function bench(): Bench {
  const made = new Bench();
  running.push(made);
  return made;
}

describe('the lane executor', () => {
  afterEach(async () => {
    for (const made of running.splice(0)) for (const executor of made.executors) await executor.stop();
  });

  it('commits what waits in one append, over all accounts, and answers each with its own position', async () => {
    const b = bench();
    const executor = await b.start();
    const before = b.store.batches.length;
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => executor.dispatch(b.open())));
    expect(outcomes.every(({ accepted }) => accepted)).toBe(true);
    expect(new Set(outcomes.map((outcome) => outcome.position)).size).toBe(50);
    const batches = b.store.batches.slice(before);
    expect(batches.length).toBeLessThan(50);
    expect(Math.max(...batches.map(({ appends }) => appends.length))).toBeGreaterThan(10);
  });

  it('chains versions and hashes without a gap, over a restart too', async () => {
    const b = bench();
    const first = await b.start();
    const account = await b.opened(first);
    await Promise.all([first.dispatch(b.credit(account, 1n)), first.dispatch(b.credit(account, 2n))]);
    await first.stop();
    const second = await b.start();
    await second.dispatch(b.credit(account, 3n));
    const events = await b.store.readStream(account, streamVersion(1), 100);
    expect(events.map(({ version }) => version)).toEqual([1, 2, 3, 4]);
    const envelopes = events.map(decodeRecorded);
    expect(envelopes.map(({ prevHash }) => prevHash)).toEqual([
      noPrevHash,
      ...events.slice(0, -1).map(({ bytes }) => hashOf(bytes)),
    ]);
    const moments = envelopes.map(({ decidedAtMs }) => decidedAtMs);
    expect(moments).toEqual([...moments].sort((left, right) => left - right));
    expect(new Set(envelopes.map(({ salt }) => salt)).size).toBe(4);
  });

  it('gives the same id its first outcome again: in the same batch, later, and after a restart', async () => {
    const b = bench();
    const executor = await b.start();
    const account = await b.opened(executor);
    const credit = () => b.credit(account, 5n, chosen('pay-1'));
    const [first, twin] = await Promise.all([executor.dispatch(credit()), executor.dispatch(credit())]);
    const later = await executor.dispatch(credit());
    await executor.stop();
    const restarted = await b.start();
    const afterRestart = await restarted.dispatch(credit());
    for (const again of [twin, later, afterRestart]) expect(again).toEqual({ ...first, replayed: true });
    expect(await b.store.readStream(account, streamVersion(1), 100)).toHaveLength(2);
  });

  it('turns down the same id with other fields', async () => {
    const b = bench();
    const executor = await b.start();
    const account = await b.opened(executor);
    await executor.dispatch(b.credit(account, 5n, chosen('pay-1')));
    const other = b.credit(account, 6n, { ...chosen('pay-1'), fingerprint: Buffer.from('other') });
    await expect(executor.dispatch(other)).rejects.toMatchObject({ code: 'idempotency_key_reused', retryable: false });
  });

  it('keeps a refusal that nothing cures, and decides the others afresh', async () => {
    const b = bench();
    const executor = await b.start();
    const account = b.ids.accountId();
    const refused = await executor.dispatch(b.credit(account, 5n, chosen('early')));
    expect(refused).toMatchObject({ accepted: false, refusal: { code: 'account_unknown' } });
    await executor.dispatch(b.open(account));
    expect(await executor.dispatch(b.credit(account, 5n, chosen('early')))).toMatchObject({
      accepted: true,
      replayed: false,
    });
    const nothing = () => b.credit(account, 0n, chosen('nothing'));
    expect(await executor.dispatch(nothing())).toMatchObject({ accepted: false, replayed: false });
    expect(await executor.dispatch(nothing())).toMatchObject({
      accepted: false,
      refusal: { code: 'amount_invalid' },
      replayed: true,
    });
  });

  it('does not decide late', async () => {
    const b = bench();
    const executor = await b.start();
    const account = await b.opened(executor);
    const late = b.credit(account, 5n, { deadlineMs: epochMs(b.clock.now() - 1) });
    expect(await executor.dispatch(late)).toMatchObject({ accepted: false, refusal: { code: 'deadline_passed' } });
    expect(await b.store.readStream(account, streamVersion(1), 100)).toHaveLength(1);
  });

  it('turns away at once what a full queue cannot hold, for that account alone', async () => {
    const b = bench();
    const executor = await b.start();
    const [flooded, calm] = [await b.opened(executor), await b.opened(executor)];
    const flood = Array.from({ length: waitingPerStreamMax + 300 }, () => executor.dispatch(b.credit(flooded, 1n)));
    const neighbour = executor.dispatch(b.credit(calm, 1n));
    const settled = await Promise.allSettled(flood);
    const turnedAway = settled.filter((each) => each.status === 'rejected');
    expect(turnedAway.length).toBeGreaterThan(0);
    for (const each of turnedAway) expect(each.reason).toMatchObject({ code: 'overloaded', retryable: true });
    expect(await neighbour).toMatchObject({ accepted: true });
    const accepted = settled.length - turnedAway.length;
    expect(await b.store.readStream(flooded, streamVersion(1), 10_000)).toHaveLength(1 + accepted);
  });

  it('sets aside one command that makes the software throw, among 10,000 good ones of other accounts', async () => {
    const b = bench();
    const poison = 666n;
    const executor = await b.start({
      models: {
        ...laneModels,
        account: {
          ...laneModels.account,
          decide: (command, state) => {
            if (command.type === 'AddCredit' && command.amountMicros === poison) throw new Error('a bug');
            return laneModels.account.decide(command, state);
          },
        },
      },
    });
    const accounts = await Promise.all(Array.from({ length: 100 }, () => b.opened(executor)));
    const [first] = accounts;
    if (first === undefined) throw new Error('no account');
    const bad = executor.dispatch(b.credit(first, poison, chosen('poison')));
    const good = accounts.flatMap((account) =>
      Array.from({ length: 100 }, (_, each) => executor.dispatch(b.credit(account, BigInt(each + 1)))),
    );
    const outcomes = await Promise.all(good);
    expect(outcomes).toHaveLength(10_000);
    expect(outcomes.every(({ accepted }) => accepted)).toBe(true);
    expect(await bad).toMatchObject({ accepted: false, refusal: { code: 'command_parked' } });
    expect(b.told).toEqual(['parked poison']);
    expect(await executor.dispatch(b.credit(first, poison, chosen('poison')))).toMatchObject({ replayed: true });
    expect(await b.store.readStream(first, streamVersion(1), 1_000)).toHaveLength(101);
  }, 60_000);

  it('sets aside an account whose history makes the software throw; the others go on', async () => {
    const b = bench();
    const before = await b.start();
    const [broken, sound] = [await b.opened(before), await b.opened(before)];
    await before.stop();
    const executor = await b.start({
      models: {
        ...laneModels,
        account: {
          ...laneModels.account,
          evolve: (state, event) => {
            if (event.type === 'AccountOpened' && event.accountId === broken) throw new Error('a bug');
            return laneModels.account.evolve(state, event);
          },
        },
      },
    });
    const [turnedAway, fine] = await Promise.all([
      executor.dispatch(b.credit(broken, 1n)),
      executor.dispatch(b.credit(sound, 1n)),
    ]);
    expect(turnedAway).toMatchObject({ accepted: false, refusal: { code: 'account_quarantined' } });
    expect(fine).toMatchObject({ accepted: true });
    expect(b.told).toEqual([`quarantined ${broken}`]);
  });

  it.each(['before', 'after'] as const)('decides once when the store goes away %s an append', async (when) => {
    const b = bench();
    const executor = await b.start();
    const account = await b.opened(executor);
    let failures = 2;
    b.store.trouble = () => (failures-- > 0 ? when : undefined);
    const outcomes = await Promise.all([1n, 2n, 3n].map((amount) => executor.dispatch(b.credit(account, amount))));
    expect(outcomes.every(({ accepted }) => accepted)).toBe(true);
    const events = (await b.store.readStream(account, streamVersion(1), 100)).map(decodeRecorded);
    expect(events).toHaveLength(4);
    const positions = events.slice(1).map((event) => event.position);
    expect(outcomes.map((outcome) => outcome.position).sort()).toEqual(positions);
  });

  it('says that it cannot decide when the store stays away', async () => {
    const b = bench();
    const executor = await b.start();
    const account = await b.opened(executor);
    b.store.trouble = () => 'before';
    await expect(executor.dispatch(b.credit(account, 1n))).rejects.toMatchObject({
      code: 'lane_unavailable',
      retryable: true,
    });
    b.store.trouble = () => undefined;
    expect(await executor.dispatch(b.credit(account, 1n))).toMatchObject({ accepted: true });
  }, 30_000);

  it.each(['a commit', 'a refusal'])('says nothing of %s once another process owns the lanes', async (what) => {
    const b = bench();
    const paused = await b.start();
    const account = await b.opened(paused);
    const head = await b.store.head();
    await b.store.takeLanes(
      Array.from({ length: 64 }, (_, lane) => lane as Lane),
      'another process',
    );
    const command = what === 'a commit' ? b.credit(account, 1n) : b.credit(b.ids.accountId(), 1n);
    await expect(paused.dispatch(command)).rejects.toMatchObject({ code: 'lane_unavailable' });
    expect(b.told).toEqual(['leaseLost']);
    expect(await b.store.head()).toBe(head);
    await expect(paused.dispatch(b.credit(account, 1n))).rejects.toMatchObject({ code: 'lane_unavailable' });
  });

  it('decides from a snapshot as from the whole history', async () => {
    const b = bench();
    const first = await b.start();
    const account = await b.opened(first);
    for (let round = 0; round < 12; round += 1)
      await Promise.all(Array.from({ length: 100 }, () => first.dispatch(b.credit(account, 1n))));
    await first.stop();
    const snapshot = await b.store.loadSnapshot(account, laneModels.account.evolveVersion);
    expect(snapshot?.version).toBeGreaterThan(1_000);
    const second = await b.start();
    await second.dispatch(b.credit(account, 1n));
    const events = await b.store.readStream(account, streamVersion(1), 2_000);
    expect(events.at(-1)?.version).toBe(1_202);
    expect(decodeRecorded(events.at(-1) ?? missing()).prevHash).toBe(hashOf((events.at(-2) ?? missing()).bytes));
    expect(await b.store.readAll(position(0), 1)).toHaveLength(1);
  }, 30_000);
});

function missing(): never {
  throw new Error('there is no such event');
}
