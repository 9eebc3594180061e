import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Query } from '@nestjs/cqrs';
import type { CallPlaced } from '@ringfence/domain/calls/call.events';
import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import { modes } from '@ringfence/domain/shared/values';
import { type AccountId, type CallId, parseCallId } from '@ringfence/kernel/ids';
import { invariant } from '@ringfence/kernel/invariant';
import { epochMs, type Position } from '@ringfence/kernel/units';
import type { Page, PageRequest } from '../page.js';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import { WrittenHistory } from '../written-history.contract.js';
import type { CallRow } from './call-rows.js';
import { type CallOwner, CallQueries } from './call.queries.js';
import { FindCall, ListCalls } from './call.handlers.js';
import { callsProjection } from './calls.projection.js';

let models: WrittenHistory;
let account: AccountId;
let events: readonly RecordedEnvelope[];
beforeAll(async () => {
  models = await WrittenHistory.start([callsProjection]);
  ({ account, events } = models);
});
afterAll(() => models.stop());
const ask = <Result>(query: Query<Result>): Promise<Result> => models.ask(query);

describe('calls', () => {
  it('are as their last event says', async () => {
    for (const [callId, own] of eventsOfCalls()) {
      const call = await ask(new FindCall(callId, null));
      const last = own.at(-1)?.data;
      const state = {
        CallCompleted: 'completed',
        CallFailed: 'failed',
        CallAnswered: 'answered',
        CallRinging: 'ringing',
      };
      const expected = own.map(({ data }) => state[data.type as keyof typeof state] as string | undefined);
      expect(call?.state).toBe(expected.filter((each) => each !== undefined).at(-1) ?? 'initiated');
      if (last?.type === 'CallCompleted') {
        expect(call).toMatchObject({
          chargedMicros: last.chargedMicros,
          talkTimeMs: last.talkTimeMs,
          cause: last.cause,
        });
      }
      expect(call?.placedPosition).toBe(own[0]?.position);
      const { callId: id, keyId, from, to, rate, localDay, placedAtMs } = own[0]?.data as CallPlaced;
      expect(call).toMatchObject({ callId: id, keyId, from, to, rate, localDay, placedAtMs });
    }
  });

  it('are found by their owner alone', async () => {
    const [placed] = models.placedIn(account);
    invariant(placed !== undefined, 'the account has calls');
    const { callId, mode } = placed.data;
    const find = (owner: CallOwner) => ask(new FindCall(callId, owner));
    expect((await find({ accountId: account, mode }))?.callId).toBe(callId);
    expect(await find({ accountId: account, mode: mode === 'live' ? 'test' : 'live' })).toBeUndefined();
    const [other] = models.history.accountIds.filter((each) => each !== account);
    expect(await find({ accountId: other ?? null, mode })).toBeUndefined();
    expect(await find({ accountId: null, mode })).toBeUndefined();
  });

  it('are found together as each is alone: own ones, those of others, and ids of no call', async () => {
    const { accountIds } = models.history;
    const placed = accountIds.flatMap((each) => models.placedIn(each).slice(0, 20)).map(({ data }) => data);
    const nowhere = placed.flatMap(({ callId }) => parseCallId(callId.replace('cs_0', 'cs_7')) ?? []);
    const owners = [null, ...accountIds.flatMap((accountId) => modes.map((mode) => ({ accountId, mode })))];
    const callIds = [...placed.map(({ callId }) => callId), ...nowhere];
    const questions = owners.flatMap((owner) => callIds.map((callId) => new FindCall(callId, owner)));
    const together = await Promise.all(questions.map(ask));
    const seen = questions.map(({ callId, owner }) => {
      const call = placed.find((each) => each.callId === callId);
      if (call === undefined || owner === null) return call?.callId;
      return call.accountId === owner.accountId && call.mode === owner.mode ? callId : undefined;
    });
    expect(nowhere).toHaveLength(placed.length);
    expect(together.map((call) => call?.callId)).toEqual(seen);
    for (const [at, question] of questions.entries())
      if (at % 50 === 0) expect(await ask(question)).toEqual(together[at]);
  });

  it('are read from the log once, as long as their owner asks: somebody else’s is looked for there as if it were none', async () => {
    const placed = models.placedIn(account).at(-1)?.data;
    invariant(placed !== undefined, 'the account has calls');
    const { callId, mode } = placed;
    const [other] = models.history.accountIds.filter((each) => each !== account);
    let reads = 0;
    const log = {
      readAt: models.store.readAt.bind(models.store),
      readSubject: (subject: string, limit: number) => {
        reads += 1;
        return models.store.readSubject(subject, limit);
      },
    };
    const calls = new CallQueries(models.db, log);
    const readsOf = async (owner: CallOwner | null) => {
      reads = 0;
      const call = await calls.findCall(callId, owner);
      return [call?.rate, reads];
    };
    const own = { accountId: account, mode };
    const foreign = { accountId: other ?? null, mode };
    const otherMode = { accountId: account, mode: mode === 'live' ? 'test' : 'live' } as const;
    expect(await readsOf(foreign)).toEqual([undefined, 1]);
    expect(await readsOf(own)).toEqual([placed.rate, 1]);
    expect(await readsOf(own)).toEqual([placed.rate, 0]);
    expect(await readsOf(null)).toEqual([placed.rate, 0]);
    for (const others of [foreign, otherMode]) expect(await readsOf(others)).toEqual([undefined, 1]);
  });

  it('are listed newest first, page by page, without a gap or a double, forwards and back', async () => {
    const list = (page: PageRequest) => ask(new ListCalls({ accountId: account, mode: null }, page));
    const expected = models
      .placedIn(account)
      .map(({ data }) => data.callId)
      .reverse();
    const forwards: CallRow[] = [];
    let page = await list({ limit: 7 });
    expect(page.previous).toBeNull();
    for (;;) {
      forwards.push(...page.rows);
      if (page.next === null) break;
      page = await list({ limit: 7, cursor: { after: page.next } });
    }
    expect(forwards.map(({ callId }) => callId)).toEqual(expected);
    const backwards: CallRow[] = [...page.rows];
    while (page.previous !== null) {
      page = await list({ limit: 7, cursor: { before: page.previous } });
      backwards.unshift(...page.rows);
    }
    expect(backwards.map(({ callId }) => callId)).toEqual(expected);
  });

  it('are found by state, number and time', async () => {
    const limit = 1_000;
    const [placed] = models.placedIn(account);
    const to = placed?.data.to.subjectId;
    const from = placed?.data.from.subjectId;
    const createdBefore = epochMs((placed?.data.placedAtMs ?? 0) + 1);
    const byNumber = await ask(
      new ListCalls({ accountId: account, mode: null, toSubject: to, fromSubject: from }, { limit }),
    );
    expect(byNumber.rows.map(({ callId }) => callId)).toContain(placed?.data.callId);
    expect(byNumber.rows.every((call) => call.to.subjectId === to)).toBe(true);
    const byTime = await ask(new ListCalls({ accountId: account, mode: null, createdBefore }, { limit }));
    expect(byTime.rows.at(-1)?.callId).toBe(placed?.data.callId);
    const failed = await ask(new ListCalls({ accountId: account, mode: null, state: 'failed' }, { limit }));
    expect(failed.rows.length).toBeGreaterThan(0);
    expect(failed.rows.every(({ state }) => state === 'failed')).toBe(true);
  });
});

describe.each(['live', 'test'] as const)('what is seen of the mode %s alone', (mode) => {
  it('is every call of it, page by page, and none of the other', async () => {
    const expected = models.placedIn(account).filter(({ data }) => data.mode === mode);
    expect(expected.length).toBeGreaterThan(10);
    const found: CallRow[] = [];
    for (let cursor: PageRequest['cursor'] = undefined; ;) {
      const page: Page<CallRow> = await ask(new ListCalls({ accountId: account, mode }, { limit: 7, cursor }));
      found.push(...page.rows);
      if (page.next === null) break;
      cursor = { after: page.next };
    }
    expect(found.map(({ callId }) => callId)).toEqual(expected.map(({ data }) => data.callId).reverse());
  });
});

describe('the calls of an app', () => {
  it('are found by it', async () => {
    const ids = new PredictableIds(14_000);
    const voiceAppId = ids.voiceAppId();
    const found = async () =>
      (await ask(new ListCalls({ accountId: account, mode: null, voiceAppId }, { limit: 10 }))).rows;
    expect(await found()).toEqual([]);
    const [placed] = models.placedIn(account);
    if (placed === undefined) throw new Error('the history has calls');
    const under = { ...placed.data, callId: ids.callId(), voiceAppId };
    await models.record(under, account);
    expect(await found()).toMatchObject([{ callId: under.callId, voiceAppId }]);
  });
});

describe('a page of calls', () => {
  it('stays the same while others come in', async () => {
    const first = await ask(new ListCalls({ accountId: account, mode: null }, { limit: 5 }));
    const cursor = { after: first.next as Position };
    const second = await ask(new ListCalls({ accountId: account, mode: null }, { limit: 5, cursor }));
    await models.history.appendTo(models.store, 1_000);
    await models.write([1_000]);
    const again = await ask(new ListCalls({ accountId: account, mode: null }, { limit: 5, cursor }));
    expect(again.rows.map(({ callId }) => callId)).toEqual(second.rows.map(({ callId }) => callId));
    const newer = await ask(
      new ListCalls(
        { accountId: account, mode: null },
        { limit: 1_000, cursor: { before: first.rows[0]?.placedPosition as Position } },
      ),
    );
    expect(newer.rows.length).toBeGreaterThan(0);
  });
});

function eventsOfCalls(): ReadonlyMap<CallId, readonly RecordedEnvelope[]> {
  const calls = new Map<CallId, RecordedEnvelope[]>();
  for (const event of events) {
    if (!('callId' in event.data) || event.stream !== account) continue;
    const own = calls.get(event.data.callId) ?? [];
    own.push(event);
    calls.set(event.data.callId, own);
  }
  return calls;
}
