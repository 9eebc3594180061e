import { describe, expect, it } from '@jest/globals';
import type { RejectionCode } from '@ringfence/domain/rejections/rejection.events';
import { Failure } from '@ringfence/kernel/failure';
import { type AccountId, type KeyId, platformStream } from '@ringfence/kernel/ids';
import { position } from '@ringfence/kernel/units';
import { FakeClock } from '@ringfence/testing/fake-clock';
import { FakeTimers } from '@ringfence/testing/fake-timers';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import type { CommandDispatcher, CommandOutcome, SubmittedCommand } from '@ringfence/commands/command-dispatcher';
import { laneFailures } from '@ringfence/lanes/lane-failures';
import {
  type ShownKey,
  stopReportingMsMax,
  reportEveryMs,
  reportWithinMs,
  distinctKeysMax,
  RejectedRequestCounter,
  type UnreportedCount,
} from './rejected-request-counter.js';

const accepted: CommandOutcome = { accepted: true, position: position(1), result: {}, replayed: false };
const refused = (code: 'turning_away_counted' | 'deadline_passed'): CommandOutcome => ({
  accepted: false,
  position: position(1),
  refusal: { code, detail: 'It is so.' },
  replayed: false,
});

/** Lanes that answer at once, or when a test says so. */
class Lanes implements CommandDispatcher {
  readonly commands: SubmittedCommand[] = [];
  answer: () => CommandOutcome | Promise<CommandOutcome> = () => accepted;

  async dispatch(command: SubmittedCommand): Promise<CommandOutcome> {
    this.commands.push(command);
    return await this.answer();
  }

  /** @returns how to let them answer */
  hold(): () => void {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    this.answer = () => held.then(() => accepted);
    return () => {
      this.answer = () => accepted;
      release();
    };
  }

  /** Returns the reports since the last call. */
  reported(): readonly [KeyId | null, RejectionCode, number][] {
    return this.commands.splice(0).map(({ payload }) => {
      if (payload.type !== 'TurnAwayCommand') throw new Error(`unexpected report: ${payload.type}`);
      return [payload.presentedKeyId, payload.code, payload.count];
    });
  }
}

class Scene {
  readonly clock = new FakeClock();
  readonly timers = new FakeTimers(this.clock);
  readonly ids = new PredictableIds();
  readonly lanes = new Lanes();
  readonly unreported: UnreportedCount[] = [];
  readonly requests = new RejectedRequestCounter({
    dispatcher: this.lanes,
    ids: this.ids,
    clock: this.clock,
    timers: this.timers,
    workerId: 'gateway:spec',
    onUnreported: (unreported) => this.unreported.push(unreported),
  });
  readonly accountId: AccountId = this.ids.accountId();

  key(accountId: AccountId | null = this.accountId): ShownKey {
    return { keyId: this.ids.keyId(), accountId };
  }

  count(times: number, key: ShownKey, code: RejectionCode = 'key_revoked'): void {
    for (let time = 0; time < times; time += 1) this.requests.count(key, code);
  }
}

describe('requests that a gateway rejects with a known key', () => {
  it('are reported to the log once a second, in one command per key and reason with their count', async () => {
    const scene = new Scene();
    const [one, other] = [scene.key(), scene.key()];
    scene.count(50, one);
    scene.count(3, one, 'source_not_allowed');
    scene.count(1, other);
    await scene.timers.advance(reportEveryMs - 1);
    expect(scene.lanes.commands).toEqual([]);
    await scene.timers.advance(1);
    expect(scene.lanes.reported()).toEqual([
      [one.keyId, 'key_revoked', 50],
      [one.keyId, 'source_not_allowed', 3],
      [other.keyId, 'key_revoked', 1],
    ]);
    scene.count(2, one);
    await scene.timers.advance(reportEveryMs);
    expect(scene.lanes.reported()).toEqual([[one.keyId, 'key_revoked', 2]]);
    // Without anything to report there is nothing to wake up for.
    await scene.timers.advance(10 * reportEveryMs);
    expect([scene.lanes.reported(), scene.unreported]).toEqual([[], []]);
  });

  it('are reported in the stream of the key’s account, or of the platform, by the gateway and under an id of its own', async () => {
    const scene = new Scene();
    const [own, operators] = [scene.key(), scene.key(null)];
    scene.count(1, own);
    scene.count(1, operators);
    await scene.timers.advance(reportEveryMs);
    const { accountId, clock, lanes } = scene;
    const principal = { kind: 'worker', workerId: 'gateway:spec' };
    const of = { idChosenByClient: false, principal, deadlineMs: clock.now() + reportWithinMs, result: {} };
    expect(lanes.commands).toMatchObject([
      { ...of, stream: accountId, payload: { accountId, presentedKeyId: own.keyId, commandType: null } },
      { ...of, stream: platformStream, payload: { accountId: null, presentedKeyId: operators.keyId } },
    ]);
    expect(new Set(lanes.commands.map(({ commandId }) => commandId)).size).toBe(2);
  });

  it('are counted apart up to so many keys, and the others summed by their reason without a key', async () => {
    const scene = new Scene();
    const keys = Array.from({ length: distinctKeysMax + 100 }, () => scene.key());
    for (const key of keys) scene.count(2, key);
    for (const key of keys.slice(-10)) scene.count(1, key, 'key_expired');
    await scene.timers.advance(reportEveryMs);
    const streams = scene.lanes.commands.map(({ stream }) => stream);
    const reported = scene.lanes.reported();
    expect(reported).toHaveLength(distinctKeysMax + 2);
    expect(reported.slice(-2)).toEqual([
      [null, 'key_revoked', 200],
      [null, 'key_expired', 10],
    ]);
    expect(streams.slice(-2)).toEqual([platformStream, platformStream]);
    // There is room again for those that come now.
    const late = scene.key();
    scene.count(1, late);
    await scene.timers.advance(reportEveryMs);
    expect(scene.lanes.reported()).toEqual([[late.keyId, 'key_revoked', 1]]);
  });

  it('wait behind a lane that is slow, as one count, and hold up nobody else', async () => {
    const scene = new Scene();
    const [slow, other] = [scene.key(), scene.key()];
    scene.count(1, slow);
    const release = scene.lanes.hold();
    await scene.timers.advance(reportEveryMs);
    expect(scene.lanes.reported()).toEqual([[slow.keyId, 'key_revoked', 1]]);
    scene.lanes.answer = () => accepted;
    for (let second = 0; second < 5; second += 1) {
      scene.count(10, slow);
      scene.count(1, other);
      await scene.timers.advance(reportEveryMs);
      expect(scene.lanes.reported()).toEqual([[other.keyId, 'key_revoked', 1]]);
    }
    release();
    await scene.timers.advance(reportEveryMs);
    expect(scene.lanes.reported()).toEqual([[slow.keyId, 'key_revoked', 50]]);
    expect(scene.unreported).toEqual([]);
  });

  it('are kept for the next second when their lane was full, for nothing of them was decided', async () => {
    const scene = new Scene();
    const key = scene.key();
    scene.lanes.answer = () => Promise.reject(laneFailures.overloaded(1_000));
    scene.count(5, key);
    await scene.timers.advance(reportEveryMs);
    scene.lanes.answer = () => accepted;
    scene.count(2, key);
    await scene.timers.advance(reportEveryMs);
    expect(scene.lanes.reported().map(([, , count]) => count)).toEqual([5, 7]);
    expect(scene.unreported).toEqual([]);
  });

  it.each<[string, () => CommandOutcome | Promise<CommandOutcome>]>([
    ['whether they were recorded is not known', () => Promise.reject(new Failure('reply_timeout', 'no reply', true))],
    ['they were not decided in time', () => refused('deadline_passed')],
  ])('are given up, and reported as dropped, when %s: no count is ever reported twice', async (_why, answer) => {
    const scene = new Scene();
    const key = scene.key();
    scene.lanes.answer = answer;
    scene.count(5, key);
    await scene.timers.advance(reportEveryMs);
    const { keyId: presentedKeyId } = key;
    expect(scene.unreported).toMatchObject([{ presentedKeyId, code: 'key_revoked', count: 5, why: expect.anything() }]);
    scene.lanes.answer = () => accepted;
    await scene.timers.advance(10 * reportEveryMs);
    expect(scene.lanes.reported()).toHaveLength(1);
  });

  it('count as reported when their stream only counts them', async () => {
    const scene = new Scene();
    scene.lanes.answer = () => refused('turning_away_counted');
    scene.count(5, scene.key());
    await scene.timers.advance(reportEveryMs);
    expect([scene.lanes.reported().length, scene.unreported]).toEqual([1, []]);
  });

  it('are reported at a stop, those behind one that is under way too', async () => {
    const scene = new Scene();
    const [waiting, fresh] = [scene.key(), scene.key()];
    scene.count(1, waiting);
    const release = scene.lanes.hold();
    await scene.timers.advance(reportEveryMs);
    scene.count(4, waiting);
    scene.count(9, fresh);
    const stopped = scene.requests.stop();
    release();
    await stopped;
    expect(scene.lanes.reported().map(([keyId, , count]) => [keyId, count])).toEqual([
      [waiting.keyId, 1],
      [fresh.keyId, 9],
      [waiting.keyId, 4],
    ]);
    expect(scene.unreported).toEqual([]);
  });

  it('hold up a stop for so long and no longer, and are said to be lost', async () => {
    const scene = new Scene();
    const key = scene.key();
    scene.count(1, key);
    scene.lanes.hold();
    await scene.timers.advance(reportEveryMs);
    scene.count(4, key);
    let isOver = false;
    const stopped = scene.requests.stop().then(() => (isOver = true));
    await scene.timers.advance(stopReportingMsMax - 1);
    expect(isOver).toBe(false);
    await scene.timers.advance(1);
    await stopped;
    expect(scene.unreported).toMatchObject([{ presentedKeyId: key.keyId, count: 4, why: 'stopped' }]);
  });
});
