import { beforeEach, describe, expect, it } from '@jest/globals';
import { Failure } from '@ringfence/kernel/failure';
import { platformStream } from '@ringfence/kernel/ids';
import { position, streamVersion } from '@ringfence/kernel/units';
import type { AppendBatch, AppendResult, EventStore, LaneFence } from './event-store.js';
import { account, batchOf, command, fencesOf, outcome, textOf } from './sample-batches.js';
import { type LogUnderTest, storesUnderTest } from './stores-under-test.contract.js';

type Settled = PromiseSettledResult<AppendResult>;

const writers = 40;
const everyWriter = Array.from({ length: writers }, (_, index) => index + 1);

/**
 * Runs the contract of appends that one store is given at the same time, inside a spec of each adapter: however an
 * adapter groups them, each has the answer that it would have had alone.
 */
export function concurrentAppendsContract(name: string, openLog: () => Promise<LogUnderTest>): void {
  describe(`concurrent appends to the event store: ${name}`, () => {
    let store: EventStore;
    let fences: readonly LaneFence[];
    const { another, begin, breakConnections } = storesUnderTest(openLog);

    beforeEach(async () => {
      ({ store, fences } = await begin());
    });

    /** A writer's next event on its own stream, with the outcome of its command. */
    const own = (writer: number, after = 0, rest: Partial<AppendBatch> = {}) =>
      batchOf(fences, [{ stream: account(writer), after, texts: [`${writer}.${after}`] }], {
        outcomes: [outcome(account(writer), `${writer}.${after}`, 0)],
        ...rest,
      });
    const appendAll = (batches: readonly AppendBatch[]) =>
      Promise.allSettled(batches.map((batch) => store.append(batch)));
    const texts = async () =>
      (await store.readAll(position(0), 10_000)).map((found) => textOf(found).replace(/^\{"text":"(.*)"\}$/, '$1'));
    const expectWritten = async (settled: readonly Settled[], expected: readonly string[]) => {
      const written = await texts();
      expect([...written].sort()).toEqual([...expected].sort());
      for (const result of settled) {
        if (result.status === 'rejected') continue;
        const at = written[result.value.first] ?? '';
        const [writer = '', version] = at.split('.');
        const stream = account(Number(writer));
        const [kept] = await store.findOutcomes([{ stream, commandId: command(at) }]);
        expect(kept?.position).toBe(result.value.first);
        const [event] = await store.readStream(stream, streamVersion(Number(version) + 1), 1);
        expect(event?.position).toBe(result.value.first);
      }
      const firsts = settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value.first] : []));
      expect(new Set(firsts).size).toBe(firsts.length);
    };

    it('are each written once, at the position that its answer gives, round after round', async () => {
      for (let after = 0; after < 3; after += 1) {
        const settled = await appendAll(everyWriter.map((writer) => own(writer, after)));
        expect(settled.map(({ status }) => status)).toEqual(settled.map(() => 'fulfilled'));
        const expected = everyWriter.flatMap((writer) =>
          Array.from({ length: after + 1 }, (_, version) => `${writer}.${version}`),
        );
        await expectWritten(settled, expected);
        const heads = settled.map((result) => (result.status === 'fulfilled' ? Number(result.value.head) : -1));
        expect(Math.max(...heads)).toBe(writers * (after + 1));
      }
    });

    it.each([
      ['the first', 1],
      ['one in the middle', 17],
      ['the last', writers],
    ])('leave a version conflict to the writer that has it: %s', async (_which, culprit) => {
      const settled = await appendAll(everyWriter.map((writer) => own(writer, writer === culprit ? 5 : 0)));
      expectOnly(settled, culprit, { code: 'event_store_conflict', retryable: false });
      await expectWritten(
        settled,
        everyWriter.filter((writer) => writer !== culprit).map((writer) => `${writer}.0`),
      );
    });

    it('leave the loss of a lane to the writers of that lane', async () => {
      const lost = new Set(fencesOf(fences, [account(3), account(20)]).map(({ lane }) => lane));
      await (await another()).takeLanes([...lost], 'other');
      const isLost = (writer: number) => fencesOf(fences, [account(writer)]).some(({ lane }) => lost.has(lane));
      const settled = await appendAll(everyWriter.map((writer) => own(writer)));
      expect(settled.map(codeOf)).toEqual(everyWriter.map((writer) => (isLost(writer) ? 'lane_lease_lost' : null)));
      await expectWritten(
        settled,
        everyWriter.filter((writer) => !isLost(writer)).map((writer) => `${writer}.0`),
      );
    });

    it('leave an outcome that is kept already to the writer whose command has it', async () => {
      await store.append(own(9));
      const again = { outcomes: [outcome(account(9), '9.0', 0)] };
      const settled = await appendAll(everyWriter.map((writer) => (writer === 9 ? own(9, 1, again) : own(writer))));
      expectOnly(settled, 9, { code: 'outcome_already_kept', retryable: false });
      await expectWritten(
        settled,
        everyWriter.map((writer) => `${writer}.0`),
      );
    });

    it('keep one outcome of a command that is decided twice, and the events of that decision alone', async () => {
      const twin = batchOf(fences, [{ stream: account(50), after: 0, texts: ['50.0'] }], {
        outcomes: [outcome(account(7), '7.0', 0)],
      });
      const settled = await appendAll([...everyWriter.map((writer) => own(writer)), twin]);
      const failed = settled.map(codeOf);
      expect([failed[6], failed.at(-1)].sort()).toEqual([null, 'outcome_already_kept']);
      expect(failed.filter((code) => code !== null)).toHaveLength(1);
      expect(await texts()).toHaveLength(writers);
    });

    it('of writers that expect the same version admit exactly one, and all others of other streams', async () => {
      const rivals = [1, 2, 3].map((rival) =>
        batchOf(fences, [{ stream: account(60), after: 0, texts: [`60.${rival}`] }]),
      );
      const settled = await appendAll([...rivals, ...everyWriter.map((writer) => own(writer))]);
      expect(settled.slice(0, 3).map(codeOf).sort()).toEqual(['event_store_conflict', 'event_store_conflict', null]);
      expect(settled.slice(3).every(({ status }) => status === 'fulfilled')).toBe(true);
      expect(await texts()).toHaveLength(writers + 1);
    });

    it('never let a batch follow a change of the stream that it asserts to be unchanged', async () => {
      const change = () => batchOf(fences, [{ stream: platformStream, after: 0, texts: ['change'] }]);
      const acting = (writer: number) =>
        own(writer, 0, { unchanged: [{ stream: platformStream, version: streamVersion(0) }] });
      const settled = await appendAll([
        ...everyWriter.slice(0, 20).map(acting),
        change(),
        ...everyWriter.slice(20).map(acting),
      ]);
      expect(settled[20]?.status).toBe('fulfilled');
      const written = await texts();
      expect(written.at(-1)).toBe('change');
      const codes = settled.map(codeOf).filter((code) => code !== null);
      expect(new Set(codes)).toEqual(new Set(codes.length === 0 ? [] : ['stream_changed']));
      expect(written).toHaveLength(writers + 1 - codes.length);
    });

    it('give a batch of refusals alone the head at which its outcome is kept', async () => {
      const refusal = (writer: number) =>
        batchOf(fences, [], {
          outcomes: [outcome(account(writer), 'no', -1)],
          fences: fencesOf(fences, [account(writer)]),
        });
      const batches = everyWriter.map((writer) => (writer % 2 === 0 ? refusal(writer) : own(writer)));
      const settled = await appendAll(batches);
      for (const writer of everyWriter.filter((each) => each % 2 === 0)) {
        const result = settled[writer - 1];
        const { first, head } = result?.status === 'fulfilled' ? result.value : { first: -1, head: -2 };
        expect(first).toBe(head);
        const [kept] = await store.findOutcomes([{ stream: account(writer), commandId: command('no') }]);
        expect(kept).toMatchObject({ accepted: false, position: head });
      }
      expect(await texts()).toHaveLength(writers / 2);
    });

    it('of any size are all written', async () => {
      const sizes = [1, 4_096, 2, 700, 700, 1, 1, 300, 4_095, 1];
      const batches = sizes.map((size, index) => {
        const lines = Array.from({ length: size }, (_, at) => `${index}:${at}`);
        return batchOf(fences, [{ stream: account(index), after: 0, texts: lines }]);
      });
      const settled = await appendAll(batches);
      const written: string[] = [];
      for (let next = 0; next < (await store.head()); next = written.length)
        written.push(...(await store.readAll(position(next), 10_000)).map(textOf));
      for (const [index, result] of settled.entries()) {
        const first = result.status === 'fulfilled' ? result.value.first : -1;
        const count = sizes[index] ?? 0;
        const expected = Array.from({ length: count }, (_, at) => `{"text":"${index}:${at}"}`);
        expect(written.slice(first, first + count)).toEqual(expected);
      }
    });

    it('whose connection is lost are written or not, and are repeated when they are not', async () => {
      await appendAll(everyWriter.map((writer) => own(writer)));
      const [settled] = await Promise.all([appendAll(everyWriter.map((writer) => own(writer, 1))), breakConnections()]);
      for (const result of settled)
        if (result.status === 'rejected')
          expect(result.reason).toMatchObject({ code: 'event_store_unavailable', retryable: true });
      const written = new Set(await texts());
      const missing = everyWriter.filter((writer) => !written.has(`${writer}.1`));
      expect(settled.filter((result, at) => result.status === 'fulfilled' && !written.has(`${at + 1}.1`))).toEqual([]);
      const repeated = await appendAll(missing.map((writer) => own(writer, 1)));
      expect(repeated.map(codeOf)).toEqual(missing.map(() => null));
      await expectWritten(
        [...settled, ...repeated],
        everyWriter.flatMap((writer) => [`${writer}.0`, `${writer}.1`]),
      );
    });
  });
}

function codeOf(result: Settled): string | null {
  if (result.status === 'fulfilled') return null;
  return result.reason instanceof Failure ? result.reason.code : String(result.reason);
}

/** Expects that one writer alone failed. */
function expectOnly(settled: readonly Settled[], culprit: number, failure: object): void {
  expect(settled.map(({ status }) => status)).toEqual(
    settled.map((_, at) => (at === culprit - 1 ? 'rejected' : 'fulfilled')),
  );
  const result = settled[culprit - 1];
  expect(result?.status === 'rejected' ? result.reason : undefined).toMatchObject(failure);
}
