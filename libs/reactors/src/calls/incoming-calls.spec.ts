import { beforeEach, describe, expect, it } from '@jest/globals';
import type { CommandOutcome, SubmittedCommand } from '@ringfence/commands/command-dispatcher';
import type { RefusalCode } from '@ringfence/domain/refusals';
import type { AttemptId } from '@ringfence/domain/shared/values';
import { Failure } from '@ringfence/kernel/failure';
import { type AccountId, platformStream } from '@ringfence/kernel/ids';
import { position } from '@ringfence/kernel/units';
import { exampleAccountId } from '@ringfence/testing/examples';
import { FakeClock } from '@ringfence/testing/fake-clock';
import { FakeTimers } from '@ringfence/testing/fake-timers';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import { InMemorySubjectVault } from '@ringfence/vault-memory/memory-subject-vault';
import { IncomingCalls } from './incoming-calls.js';

const call = {
  attemptId: 'evt_01J0000000000000000000000A' as AttemptId,
  from: '+14155550100',
  to: '+15005550199',
};
const accepted = { accepted: true, position: position(0), result: {}, replayed: false } as const;
const refused = (code: RefusalCode) => ({ ...accepted, accepted: false, refusal: { code, detail: '' } }) as const;

let timers: FakeTimers;
let vault: InMemorySubjectVault;
let trail: string[];
let commands: SubmittedCommand[];
let replies: (CommandOutcome | Failure)[];
let stop: AbortController;
let incoming: IncomingCalls;

beforeEach(async () => {
  const ids = new PredictableIds(300);
  [timers, vault, trail, commands, replies] = [new FakeTimers(), new InMemorySubjectVault(ids), [], [], []];
  stop = new AbortController();
  const known = await vault.seal(platformStream, call.to);
  incoming = new IncomingCalls({
    workerId: 'wrk_spec',
    clock: new FakeClock(),
    timers,
    vault,
    signal: stop.signal,
    owners: {
      ownerOf: (subject): Promise<AccountId | undefined> =>
        Promise.resolve(subject === known.subjectId ? exampleAccountId : undefined),
    },
    carrier: {
      reject: (attemptId, cause) => {
        trail.push(`reject ${attemptId}: ${cause}`);
        return Promise.resolve();
      },
    },
    dispatcher: {
      dispatch: (command) => {
        commands.push(command);
        const reply = replies.shift() ?? accepted;
        return reply instanceof Failure ? Promise.reject(reply) : Promise.resolve(reply);
      },
    },
    onUnallocated: () => trail.push('unallocated'),
    onRetryableError: (cause) => trail.push(cause instanceof Failure ? cause.code : 'unknown'),
  });
});

describe('an incoming call', () => {
  it('is a command of the account that has the number, and all its ids follow from the carrier’s', async () => {
    await incoming.receive(call);
    await incoming.receive(call);
    expect(trail).toEqual([]);
    expect(commands.map(({ commandId }) => commandId)).toEqual([
      `incoming:${call.attemptId}`,
      `incoming:${call.attemptId}`,
    ]);
    expect(commands[0]).toMatchObject({
      stream: exampleAccountId,
      principal: { kind: 'worker', workerId: 'wrk_spec' },
      payload: {
        type: 'ReceiveCall',
        attemptId: call.attemptId,
        callId: 'cs_01J0000000000000000000000A',
        legId: 'cl_01J0000000000000000000000A',
        from: { clear: call.from },
        to: { clear: call.to },
      },
    });
  });

  it('to a number that no account has is rejected, and reported', async () => {
    await incoming.receive({ ...call, to: '+15005550198' });
    expect(trail).toEqual(['unallocated', `reject ${call.attemptId}: unallocated`]);
    expect(commands).toEqual([]);
  });

  it.each<[RefusalCode, string]>([
    ['key_revoked', 'declined'],
    ['balance_insufficient', 'declined'],
    ['lines_exhausted', 'busy'],
    ['app_channels_exhausted', 'busy'],
    ['number_not_assigned', 'unallocated'],
    ['account_quarantined', 'unavailable'],
  ])('that is refused with %s is rejected as %s', async (code, cause) => {
    replies.push(refused(code));
    await incoming.receive(call);
    expect(trail).toEqual([`reject ${call.attemptId}: ${cause}`]);
  });

  it('is decided again while the lane does not answer, and rejected when the caller has waited for too long', async () => {
    const unavailable = () => new Failure('event_store_unavailable', 'no answer', true);
    replies.push(unavailable());
    const first = incoming.receive(call);
    await timers.advance(1_000);
    await first;
    expect(commands).toHaveLength(2);
    expect(trail).toEqual(['event_store_unavailable']);
    replies.push(...Array.from({ length: 100 }, unavailable));
    const second = incoming.receive(call);
    for (let at = 0; at < 70; at += 1) await timers.advance(250);
    await second;
    expect(trail.at(-1)).toBe(`reject ${call.attemptId}: unavailable`);
  });

  it('is rejected at once on an error that no retry cures', async () => {
    replies.push(new Failure('broken', 'for good', false));
    await incoming.receive(call);
    expect(trail).toEqual(['broken', `reject ${call.attemptId}: unavailable`]);
  });

  it('is left to the caller’s patience by a worker that stops', async () => {
    stop.abort();
    await incoming.receive(call);
    expect(trail).toEqual([]);
  });
});
