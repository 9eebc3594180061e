import { describe, expect, it } from '@jest/globals';
import { Failure } from '@ringfence/kernel/failure';
import { platformStream, type StreamId } from '@ringfence/kernel/ids';
import type { Lane } from '@ringfence/kernel/lane';
import { position, streamVersion } from '@ringfence/kernel/units';
import type { AppendBatch, AppendResult } from '@ringfence/ports/log/event-store';
import { account, batchOf } from '@ringfence/ports/log/sample-batches';
import { appendsWaitingMax, GroupCommit } from './group-commit.js';

const conflict = new Failure('event_store_conflict', 'A stream is not at its expected version.', false);
const unavailable = new Failure('event_store_unavailable', 'The database cannot be reached.', true);

/** A log whose writes end when the test says so; those that contain a refused stream fail. */
class HeldLog {
  readonly writes: (readonly StreamId[])[] = [];
  readonly refused = new Map<StreamId, Failure>();
  #held: (() => void)[] = [];
  #head = 0;
  readonly commits = new GroupCommit((batch) => this.#write(batch));

  append(batch: AppendBatch): Promise<AppendResult> {
    return this.commits.append(batch);
  }

  /** Ends the writes that are under way, and waits until those after them have begun. */
  async release(): Promise<void> {
    for (const end of this.#held.splice(0)) end();
    await new Promise((resolve) => setImmediate(resolve));
  }

  async releaseAll(): Promise<void> {
    while (this.#held.length > 0) await this.release();
  }

  async #write({ appends }: AppendBatch): Promise<AppendResult> {
    this.writes.push(appends.map(({ stream }) => stream));
    await new Promise<void>((resolve) => this.#held.push(resolve));
    const failure = appends.map(({ stream }) => this.refused.get(stream)).find((found) => found !== undefined);
    if (failure !== undefined) throw failure;
    const first = position(this.#head);
    this.#head += appends.reduce((sum, { events }) => sum + events.length, 0);
    return { first, head: position(this.#head) };
  }
}

const lone = (number: number, rest: Partial<AppendBatch> = {}) =>
  batchOf([], [{ stream: account(number), after: 0, texts: ['a'] }], rest);
const sized = (number: number, count: number) =>
  batchOf([], [{ stream: account(number), after: 0, texts: Array.from({ length: count }, () => 'a') }]);
const turn = () => new Promise((resolve) => setImmediate(resolve));
const codes = (settled: readonly PromiseSettledResult<AppendResult>[]) =>
  settled.map((each) => (each.status === 'fulfilled' ? Number(each.value.first) : (each.reason as Failure).code));

describe('a group commit', () => {
  it('writes what comes in one turn together, and what comes meanwhile together after it', async () => {
    const log = new HeldLog();
    const first = [1, 2].map((number) => log.append(lone(number)));
    await turn();
    const second = [3, 4, 5].map((number) => log.append(lone(number)));
    await turn();
    expect(log.writes).toEqual([[account(1), account(2)]]);
    await log.release();
    expect(log.writes.slice(1)).toEqual([[account(3), account(4), account(5)]]);
    await log.release();
    expect(await Promise.all([...first, ...second])).toEqual([
      { first: 0, head: 2 },
      { first: 1, head: 2 },
      { first: 2, head: 5 },
      { first: 3, head: 5 },
      { first: 4, head: 5 },
    ]);
  });

  it('gathers those who are answered together and append again in the same turn', async () => {
    const log = new HeldLog();
    const writers = [1, 2, 3, 4].map(async (number) => {
      await log.append(lone(number));
      await log.append(lone(number + 10));
    });
    await turn();
    await log.releaseAll();
    await Promise.all(writers);
    expect(log.writes.map((streams) => streams.length)).toEqual([4, 4]);
  });

  it('begins full groups without waiting for the one before, of which at most four are under way', async () => {
    const log = new HeldLog();
    const appending = [1, 2, 3, 4, 5, 6].map((number) => log.append(sized(number, 700)));
    appending.push(log.append(sized(7, 300)));
    await turn();
    expect(log.writes).toEqual([[account(1), account(7)], [account(2)], [account(3)], [account(4)]]);
    await log.release();
    expect(log.writes.slice(4)).toEqual([[account(5)]]);
    await log.releaseAll();
    expect(log.writes.slice(5)).toEqual([[account(6)]]);
    await Promise.all(appending);
  });

  it('takes a batch that is larger than a group by itself', async () => {
    const log = new HeldLog();
    const appending = [log.append(sized(1, 4_096)), log.append(lone(2))];
    await turn();
    await log.releaseAll();
    expect(log.writes).toEqual([[account(1)], [account(2)]]);
    await Promise.all(appending);
  });

  it('finds who is refused in few transactions, however many are in the group', async () => {
    const log = new HeldLog();
    log.refused.set(account(7), conflict);
    const appending = Promise.allSettled(Array.from({ length: 64 }, (_, number) => log.append(lone(number))));
    await turn();
    await log.releaseAll();
    const settled = codes(await appending);
    expect(settled[7]).toBe('event_store_conflict');
    expect(new Set(settled.filter((_, at) => at !== 7))).toEqual(new Set(Array.from({ length: 63 }, (_, at) => at)));
    expect(log.writes).toHaveLength(1 + 2 * Math.log2(64));
  });

  it('repeats nothing whose outcome is unknown: it may have been written', async () => {
    const log = new HeldLog();
    log.refused.set(account(2), unavailable);
    const appending = Promise.allSettled([1, 2, 3].map((number) => log.append(lone(number))));
    await turn();
    await log.releaseAll();
    expect(codes(await appending)).toEqual(Array.from({ length: 3 }, () => 'event_store_unavailable'));
    expect(log.writes).toHaveLength(1);
  });

  it('keeps the order of what depends on each other, in different transactions', async () => {
    const log = new HeldLog();
    const asserts = { unchanged: [{ stream: platformStream, version: streamVersion(0) }] };
    const change = batchOf([], [{ stream: platformStream, after: 0, texts: ['a'] }]);
    const moving = { consumed: [{ lane: 1 as Lane, next: 1n, above: [], transactions: [] }] };
    const batches = [lone(1, asserts), change, lone(2, asserts), lone(3), lone(1), lone(4, moving), lone(5, moving)];
    const appending = batches.map((batch) => log.append(batch));
    await turn();
    await log.releaseAll();
    expect(log.writes).toEqual([
      [account(1), account(3), account(4)],
      [platformStream, account(1), account(5)],
      [account(2)],
    ]);
    await Promise.all(appending);
  });

  it('refuses what is more than may wait, and writes the rest', async () => {
    const log = new HeldLog();
    const appending = Array.from({ length: appendsWaitingMax }, (_, number) => log.append(lone(number)));
    await expect(log.append(lone(appendsWaitingMax))).rejects.toMatchObject({
      code: 'event_store_unavailable',
      retryable: true,
    });
    await turn();
    await log.releaseAll();
    expect(await Promise.all(appending)).toHaveLength(appendsWaitingMax);
  });
});
