import { setImmediate } from 'node:timers/promises';
import type { CommandOutcome, SubmittedCommand, CommandPayloadOf } from '@ringfence/commands/command-dispatcher';
import { LaneExecutor } from '@ringfence/lanes/lane-executor';
import type { LaneExecutorOptions } from '@ringfence/lanes/lane-executor-options';
import type { LaneHost } from '@ringfence/lanes/lane-host';
import { systemTimers } from '@ringfence/runtime/system-timers';
import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import type { AppendBatch, AppendResult, Snapshot } from '@ringfence/ports/log/event-store';
import { MemoryEventStore, MemoryLog } from '@ringfence/event-store-memory/memory-event-store';
import { Failure } from '@ringfence/kernel/failure';
import { type AccountId, type KeyId, platformStream, type StreamId } from '@ringfence/kernel/ids';
import { type Lane, laneOf } from '@ringfence/kernel/lane';
import type { Timers } from '@ringfence/kernel/timers';
import { durationMs, micros, streamVersion } from '@ringfence/kernel/units';
import { examplePlaceCall, examplePolicy, sealedExample } from './examples.js';
import { OperatorCommands } from './operator-commands.js';
import { openPricedLog } from './priced-log.js';

/**
 * Fault of an append: the store is unavailable before or after it has written, or throws this error without writing.
 */
type AppendFault = (batch: AppendBatch) => 'before' | 'after' | Error | undefined;

/**
 * A store whose appends can fail like a database's: before anything was written, after that with a lost answer, or
 * because of their contents.
 */
class StoreWithFaults extends MemoryEventStore {
  fault: AppendFault = () => undefined;
  /** Delays the append of this batch. */
  hold: (batch: AppendBatch) => Promise<void> | undefined = () => undefined;
  readonly batches: AppendBatch[] = [];
  failedAppends = 0;

  override async append(batch: AppendBatch): Promise<AppendResult> {
    await this.hold(batch);
    const fault = this.fault(batch);
    if (fault !== undefined) this.failedAppends += 1;
    if (fault === 'before') throw new Failure('event_store_unavailable', 'away', true);
    if (fault instanceof Error) throw fault;
    const done = await super.append(batch);
    this.batches.push(batch);
    if (fault === 'after') throw new Failure('event_store_unavailable', 'the answer was lost', true);
    return done;
  }

  #held: StreamId | undefined;
  #release: () => void = () => undefined;
  /** Holds loads of this stream until another one is named, or none. */
  holdLoads(stream: StreamId | undefined): void {
    this.#held = stream;
    this.#release();
  }

  override async loadSnapshot(stream: StreamId, evolveVersion: number): Promise<Snapshot | undefined> {
    if (stream === this.#held) await new Promise<void>((resolve) => (this.#release = resolve));
    return super.loadSnapshot(stream, evolveVersion);
  }
}

/** The longest wait of these timers, which otherwise are the machine's own. A stop does not drain for longer either. */
const cappedMsMax = 5;
export const cappedTimers: Timers = {
  ...systemTimers,
  after: (delayMs, action) => systemTimers.after(Math.min(delayMs, cappedMsMax), action),
};

/** Lane executors over one store whose appends can fail, and commands for them. */
export class LaneBench extends OperatorCommands {
  readonly log = new MemoryLog();
  readonly store = new StoreWithFaults(this.log, this.clock);
  readonly notices: string[] = [];
  readonly host: LaneHost = {
    lanesLost: () => this.notices.push('lanesLost'),
    parked: ({ commandId }) => this.notices.push(`parked ${commandId}`),
    quarantined: (stream, _cause, why) => this.notices.push(`quarantined ${stream} for its ${why}`),
    outdated: (stream) => this.notices.push(`outdated ${stream}`),
    broken: () => this.notices.push('broken'),
  };
  readonly #executors: LaneExecutor[] = [];

  async start(change: Partial<LaneExecutorOptions> = {}): Promise<LaneExecutor> {
    const log = await openPricedLog(this.store, { clock: this.clock, ids: this.ids, owner: 'spec' });
    const routes = { live: [], test: [{ trunk: 'sandbox', tier: 'standard' as const, rank: 1 }] };
    const { store, clock, ids, host } = this;
    const options = {
      store,
      clock,
      ids,
      host,
      log,
      routes,
      timers: systemTimers,
      owner: 'spec',
      lanes: 'all',
      ...change,
    } as const;
    const executor = await LaneExecutor.start(options);
    this.#executors.push(executor);
    return executor;
  }

  async stop(): Promise<void> {
    for (const executor of this.#executors) await executor.stop();
  }

  credit(accountId: AccountId, amount: bigint, change: Partial<SubmittedCommand> = {}): SubmittedCommand {
    return this.command(
      { type: 'AddCredit', accountId, mode: 'test', amountMicros: micros(amount), reference: null },
      change,
    );
  }

  issue(accountId: AccountId | null, keyId: KeyId, mode: 'live' | 'test' = 'live'): SubmittedCommand {
    const policy = {
      ...examplePolicy,
      scopes: accountId === null ? (['accounts:admin'] as const) : examplePolicy.scopes,
    };
    const digest = { pepperId: 'p', hmacSha256: '0'.repeat(64) };
    const label = sealedExample('a key');
    const payload = {
      type: 'IssueKey',
      accountId,
      keyId,
      mode,
      label,
      digest,
      secretHint: 'abcd',
      policy,
      policyHash: '0'.repeat(64),
    } as const;
    return {
      ...this.command({ ...payload, accountId: this.ids.accountId() }),
      payload,
      stream: accountId ?? platformStream,
    };
  }

  /** Rotates a key; its overlap ends by a timer. */
  rotate(accountId: AccountId, keyId: KeyId, overlapMs: number): SubmittedCommand {
    const digest = { pepperId: 'p', hmacSha256: '1'.repeat(64) };
    return this.command({
      type: 'RotateKey',
      accountId,
      keyId,
      digest,
      secretHint: 'efgh',
      overlapMs: durationMs(overlapMs),
    });
  }

  place(accountId: AccountId, keyId: KeyId): SubmittedCommand & { readonly payload: CommandPayloadOf<'PlaceCall'> } {
    const {
      nowMs: _now,
      principal: _by,
      rateDecks: _decks,
      routes: _routes,
      numberingPlan: _plan,
      ...payload
    } = examplePlaceCall(this.clock.now(), { accountId }, this.ids);
    return { ...this.command(payload, { principal: { kind: 'key', keyId, home: 'account' } }), payload };
  }

  progress(
    { accountId, callId, attemptId }: CommandPayloadOf<'PlaceCall'>,
    signal: CommandPayloadOf<'RecordCallProgress'>['signal'],
  ): SubmittedCommand {
    const principal = { kind: 'worker', workerId: 'wrk_spec' } as const;
    return this.command({ type: 'RecordCallProgress', accountId, callId, attemptId, signal }, { principal });
  }

  /** Returns another account of the same lane. */
  inLane(lane: Lane, other: AccountId): AccountId {
    const accountId = this.ids.accountId();
    return laneOf(accountId, 64) === lane && accountId !== other ? accountId : this.inLane(lane, other);
  }

  async opened(executor: LaneExecutor): Promise<AccountId> {
    const command = this.opening();
    await executor.dispatch(command);
    return command.stream as AccountId;
  }

  /** An account with a key in it. */
  async withKey(executor: LaneExecutor): Promise<{ readonly account: AccountId; readonly keyId: KeyId }> {
    const account = await this.opened(executor);
    const keyId = this.ids.keyId();
    await executor.dispatch(this.issue(account, keyId, 'test'));
    return { account, keyId };
  }

  /** Prepares what calls need besides a key and prices: an account that is verified and can pay. */
  async ableToCall(executor: LaneExecutor, account: AccountId): Promise<void> {
    for (const each of [
      this.command({ type: 'VerifyAccount', accountId: account }),
      this.credit(account, 100_000_000n),
    ])
      accepted(await executor.dispatch(each));
  }

  async events(stream: StreamId): Promise<readonly RecordedEnvelope[]> {
    return (await this.store.readStream(stream, streamVersion(1), 10_000)).map(decodeRecorded);
  }

  /** Settles once the condition holds; whatever makes it hold is in this process and needs only the event loop. */
  async until(holds: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await holds())) await setImmediate();
  }
}

function accepted(outcome: CommandOutcome): void {
  if (!outcome.accepted) throw new Error(`refused: ${outcome.refusal.code}`);
}
