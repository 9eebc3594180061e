import { afterEach, describe, expect, it } from '@jest/globals';
import type { AccountId, SubjectId } from '@ringfence/kernel/ids';
import { LaneBench } from '@ringfence/testing/lane-bench';
import { requestEraseSubject } from '@ringfence/requests/accounts/erase-subject';
import { InMemorySubjectVault } from '@ringfence/vault-memory/memory-subject-vault';
import type { LaneExecutor } from './lane-executor.js';

const b = new LaneBench();
const vault = new InMemorySubjectVault(b.ids);

/** Requests as a gateway does: the lane gets what is in the vault at that moment. */
async function asked(account: AccountId, body: { value: string } | { subject_id: string }) {
  const context = { stream: account, keyId: b.ids.keyId(), clientKey: 'key' as never };
  const { payload, result } = await requestEraseSubject(body, context, { vault });
  return b.command(payload, { result });
}

async function erasuresIn(account: AccountId): Promise<readonly SubjectId[]> {
  const events = await b.events(account);
  return events.flatMap(({ data }) => (data.type === 'SubjectErased' ? [data.subjectId] : []));
}

async function subjectOf(account: AccountId, value: string): Promise<SubjectId> {
  return (await vault.seal(account, value)).subjectId;
}

describe('an erasure', () => {
  let executor: LaneExecutor;
  const started = async () => (executor = await b.start());
  afterEach(async () => {
    await b.stop();
  });

  it('of what is nobody’s, or another account’s, is refused and leaves no event', async () => {
    await started();
    const [own, other] = [await b.opened(executor), await b.opened(executor)];
    const foreign = await subjectOf(other, '+14155550100');
    for (const subjectId of [foreign, b.ids.subjectId()]) {
      const outcome = await executor.dispatch(await asked(own, { subject_id: subjectId }));
      expect(outcome).toMatchObject({ accepted: false, refusal: { code: 'subject_unknown' } });
    }
    expect([await erasuresIn(own), await erasuresIn(other)]).toEqual([[], []]);
    expect(await vault.has(other, foreign)).toBe(true);
  });

  it('asked for again is answered with its first event: at once, after the vault has done it, and after a restart', async () => {
    await started();
    const account = await b.opened(executor);
    const subjectId = await subjectOf(account, '+14155550101');
    const [first, twin] = await Promise.all([
      executor.dispatch(await asked(account, { subject_id: subjectId })),
      executor.dispatch(await asked(account, { value: '+14155550101' })),
    ]);
    expect(first).toMatchObject({ accepted: true, replayed: false, result: { subject_id: subjectId } });
    expect(twin).toEqual({ ...first, replayed: true });
    await vault.erase(account, subjectId);
    expect(await executor.dispatch(await asked(account, { subject_id: subjectId }))).toEqual({
      ...first,
      replayed: true,
    });
    await executor.stop();
    await started();
    expect(await executor.dispatch(await asked(account, { subject_id: subjectId }))).toEqual({
      ...first,
      replayed: true,
    });
    expect(await erasuresIn(account)).toEqual([subjectId]);
    // The value itself leads nowhere any more: nobody can say whose it was.
    expect(await executor.dispatch(await asked(account, { value: '+14155550101' }))).toMatchObject({
      accepted: false,
      refusal: { code: 'subject_unknown' },
    });
  });

  it('that another account has asked for, when nobody looked whose it was, answers nobody else', async () => {
    await started();
    const [own, other] = [await b.opened(executor), await b.opened(executor)];
    const subjectId = await subjectOf(own, '+14155550102');
    // As releases recorded it that did not ask the vault.
    await executor.dispatch(b.command({ type: 'EraseSubject', accountId: other, subjectId }));
    const first = await executor.dispatch(await asked(own, { subject_id: subjectId }));
    expect(first).toMatchObject({ accepted: true, replayed: false });
    await vault.erase(own, subjectId);
    expect(await executor.dispatch(await asked(own, { subject_id: subjectId }))).toEqual({ ...first, replayed: true });
  });
});
