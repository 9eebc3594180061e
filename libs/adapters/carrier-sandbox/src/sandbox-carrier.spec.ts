import type { AttemptId } from '@ringfence/domain/shared/values';
import type { AccountId, CallId, LegId, OperationId } from '@ringfence/kernel/ids';
import { durationMs } from '@ringfence/kernel/units';
import { carrierContract } from '@ringfence/ports/carrier/carrier.contract';
import type { CarrierSignal } from '@ringfence/ports/carrier/carrier';
import { FakeTimers } from '@ringfence/testing/fake-timers';
import { describe, expect, it } from '@jest/globals';
import { audioOfFile, audioOfPlayback, audioOfStream } from './sandbox-audio.js';
import { SandboxCarrier } from './sandbox-carrier.js';

function sandbox(speed: number) {
  const timers = new FakeTimers();
  const carrier = new SandboxCarrier({ workerId: 'wrk_sandbox', timers, speed });
  const numbers = { talks: '+15005551001', presses: '+15005553123', rings: '+15005550006', busy: '+15005550003' };
  const media = {
    file: 'https://media.example.com/hello.mp3',
    missing: 'https://media.example.com/missing.mp3',
    socket: 'wss://agent.example.com/media',
  };
  let rung = 0;
  const ring = async () => {
    rung += 1;
    const attemptId = `evt_R${String(rung).padStart(25, '0')}` as AttemptId;
    const script = { givesUpAfterMs: durationMs(20_000), hangsUpAfterMs: durationMs(8_000) };
    await carrier.ring({ attemptId, from: '+14155550100', to: '+15005550199', ...script });
    return attemptId;
  };
  return { carrier, pass: (ms: number) => timers.advance(ms / speed), ring, numbers, media };
}

carrierContract('the sandbox in real time', () => sandbox(1));
carrierContract('the sandbox at forty times the speed', () => sandbox(40));

type SignalAt = { readonly atMs: number; readonly kind: string; readonly cause?: string; readonly talkTimeMs?: number };

/** Records everything that one dial leads to, with the simulated moment. */
async function lifeOf(to: string, speed: number): Promise<readonly SignalAt[]> {
  const timers = new FakeTimers();
  const carrier = new SandboxCarrier({ workerId: 'wrk_sandbox', timers, speed });
  const signals: SignalAt[] = [];
  carrier.onSignal(({ signal }: CarrierSignal) => {
    const atMs = Math.round(timers.monotonicMs() * speed);
    if (signal.kind === 'action_ended' || signal.kind === 'playback_ended') return;
    signals.push(
      signal.kind === 'ended'
        ? { atMs, kind: 'ended', cause: signal.cause, talkTimeMs: signal.talkTimeMs }
        : { atMs, kind: signal.kind },
    );
  });
  await carrier.place({
    attemptId: 'evt_00000000000000000000000001' as AttemptId,
    accountId: 'acc_00000000000000000000000001' as AccountId,
    callId: 'cs_00000000000000000000000001' as CallId,
    legId: 'cl_00000000000000000000000001' as LegId,
    from: '+14155550100',
    to,
    trunk: 'sandbox',
    ringTimeoutMs: durationMs(600_000),
    authorisedForMs: durationMs(1_200_000),
  });
  await timers.advance(2_000_000 / speed);
  await carrier.close();
  return signals;
}

describe("the sandbox's numbers", () => {
  it.each([
    { to: '+15005550000', ends: { atMs: 11_000, cause: 'callee_hangup', talkTimeMs: 10_000 }, answersAt: 1_000 },
    { to: '+15005550001', ends: { atMs: 200, cause: 'invalid_number', talkTimeMs: 0 }, answersAt: null },
    { to: '+15005550002', ends: { atMs: 200, cause: 'unreachable', talkTimeMs: 0 }, answersAt: null },
    { to: '+15005550003', ends: { atMs: 200, cause: 'busy', talkTimeMs: 0 }, answersAt: null },
    { to: '+15005550004', ends: { atMs: 30_000, cause: 'no_answer', talkTimeMs: 0 }, answersAt: null },
    { to: '+15005550005', ends: { atMs: 200, cause: 'carrier_failure', talkTimeMs: 0 }, answersAt: null },
    { to: '+15005550006', ends: { atMs: 600_000, cause: 'no_answer', talkTimeMs: 0 }, answersAt: null },
    {
      to: '+15005551005',
      ends: { atMs: 1_205_000, cause: 'authorised_time_ended', talkTimeMs: 1_200_000 },
      answersAt: 5_000,
    },
    {
      to: '+15005551000',
      ends: { atMs: 1_200_000, cause: 'authorised_time_ended', talkTimeMs: 1_200_000 },
      answersAt: 0,
    },
    { to: '+15005552007', ends: { atMs: 8_000, cause: 'callee_hangup', talkTimeMs: 7_000 }, answersAt: 1_000 },
    { to: '+15005552000', ends: { atMs: 1_000, cause: 'callee_hangup', talkTimeMs: 0 }, answersAt: 1_000 },
    { to: '+4930901820', ends: { atMs: 32_000, cause: 'callee_hangup', talkTimeMs: 30_000 }, answersAt: 2_000 },
  ])('$to ends with $ends.cause after $ends.talkTimeMs ms of talk', async ({ to, ends, answersAt }) => {
    for (const speed of [1, 20]) {
      const signals = await lifeOf(to, speed);
      expect(signals.find(({ kind }) => kind === 'answered')?.atMs ?? null).toBe(answersAt);
      expect(signals.at(-1)).toEqual({ kind: 'ended', ...ends });
    }
  });
});

describe('a call of the sandbox that begins in the middle of a millisecond', () => {
  it.each(['placed', 'received'])('talks for exactly as long as its far end does: %s', async (how) => {
    const timers = new FakeTimers();
    const carrier = new SandboxCarrier({ workerId: 'wrk_sandbox', timers, speed: 20 });
    const talked: number[] = [];
    carrier.onSignal(({ signal }) => {
      if (signal.kind === 'ended') talked.push(signal.talkTimeMs);
    });
    const of = { accountId: 'acc_00000000000000000000000001' as AccountId, authorisedForMs: durationMs(600_000) };
    for (let nth = 0; nth < 500; nth += 1) {
      await timers.advance(1.007 + nth / 977);
      const digits = String(nth).padStart(26, '0');
      const [attemptId, callId, legId] = [
        `evt_${digits}` as AttemptId,
        `cs_${digits}` as CallId,
        `cl_${digits}` as LegId,
      ];
      const ids = { ...of, attemptId, callId, legId };
      if (how === 'placed') {
        const dialled = {
          from: '+14155550100',
          to: '+15005552008',
          trunk: 'sandbox',
          ringTimeoutMs: durationMs(60_000),
        };
        await carrier.place({ ...ids, ...dialled });
        continue;
      }
      const script = { givesUpAfterMs: durationMs(20_000), hangsUpAfterMs: durationMs(8_000) };
      await carrier.ring({ attemptId, from: '+14155550100', to: '+15005550199', ...script });
      await carrier.answer(ids);
    }
    await timers.advance(10_000);
    await carrier.close();
    expect(talked).toEqual(Array(500).fill(8_000));
  });
});

describe("the sandbox's playbacks", () => {
  it.each([
    { url: 'https://m.example/menu.mp3', onDigit: 'stop', lastsMs: 5_000, outcome: 'completed' },
    { url: 'https://m.example/menu-pressed-3s.mp3', onDigit: 'stop', lastsMs: 3_000, outcome: 'stopped' },
    { url: 'https://m.example/menu-pressed-3s.mp3', onDigit: 'continue', lastsMs: 5_000, outcome: 'completed' },
    { url: 'https://m.example/menu-9s-pressed-2s.mp3', onDigit: 'stop', lastsMs: 2_000, outcome: 'stopped' },
    { url: 'https://m.example/menu-2s-pressed-9s.mp3', onDigit: 'stop', lastsMs: 2_000, outcome: 'completed' },
    { url: 'https://m.example/missing-pressed-1s.mp3', onDigit: 'stop', lastsMs: 0, outcome: 'failed' },
  ] as const)('$url with $onDigit ends as $outcome after $lastsMs ms', ({ url, onDigit, lastsMs, outcome }) => {
    expect(audioOfPlayback(url, 1, onDigit)).toEqual({ lastsMs, outcome });
  });

  it('send each order of digits once, to the leg that is named', async () => {
    const timers = new FakeTimers();
    const sent: string[] = [];
    const carrier = new SandboxCarrier({
      ...{ workerId: 'wrk_sandbox', timers, speed: 1 },
      onDigits: ({ digits }) => sent.push(digits),
    });
    const of = await answeredCall(carrier, timers);
    const operationId = 'op_00000000000000000000000001' as OperationId;
    const order = { operationId, ...of, digits: '12#', toneMs: durationMs(100) };
    await carrier.sendDigits({ ...order, legId: 'cl_00000000000000000000000009' as LegId });
    expect(sent).toEqual([]);
    await carrier.sendDigits(order);
    await carrier.sendDigits(order);
    expect(sent).toEqual(['12#']);
    await carrier.close();
  });

  it('go beside mutes, which last until they are ended', async () => {
    const timers = new FakeTimers();
    const carrier = new SandboxCarrier({ workerId: 'wrk_sandbox', timers, speed: 1 });
    const { callId, legId } = await answeredCall(carrier, timers);
    await carrier.mute(callId, legId, true);
    expect([...carrier.mutedLegs(callId)]).toEqual([legId]);
    await carrier.mute(callId, legId, false);
    expect([...carrier.mutedLegs(callId)]).toEqual([]);
    await carrier.close();
  });
});

/** A call that talks until it is hung up. */
async function answeredCall(
  carrier: SandboxCarrier,
  timers: FakeTimers,
): Promise<{ readonly callId: CallId; readonly legId: LegId }> {
  const callId = 'cs_00000000000000000000000001' as CallId;
  const legId = 'cl_00000000000000000000000001' as LegId;
  await carrier.place({
    attemptId: 'evt_00000000000000000000000001' as AttemptId,
    accountId: 'acc_00000000000000000000000001' as AccountId,
    ...{ callId, legId, from: '+14155550100', to: '+15005551000', trunk: 'sandbox' },
    ...{ ringTimeoutMs: durationMs(60_000), authorisedForMs: durationMs(300_000) },
  });
  await timers.advance(1_000);
  return { callId, legId };
}

describe("the sandbox's audio", () => {
  it.each([
    { url: 'https://m.example/hello.mp3', timesPlayed: 1, lastsMs: 5_000, outcome: 'completed' },
    { url: 'https://m.example/hello.mp3?v=2', timesPlayed: 2, lastsMs: 10_000, outcome: 'completed' },
    { url: 'https://m.example/a/greeting-12s.mp3', timesPlayed: 1, lastsMs: 12_000, outcome: 'completed' },
    { url: 'https://m.example/greeting-0s', timesPlayed: 3, lastsMs: 0, outcome: 'completed' },
    { url: 'https://m.example/missing.mp3', timesPlayed: 1, lastsMs: 0, outcome: 'failed' },
    { url: 'https://m.example', timesPlayed: 1, lastsMs: 5_000, outcome: 'completed' },
  ] as const)('plays $url $timesPlayed times in $lastsMs ms', ({ url, timesPlayed, lastsMs, outcome }) => {
    expect(audioOfFile(url, timesPlayed)).toEqual({ lastsMs, outcome });
  });

  it.each([
    { url: 'wss://agent.example/media', expected: null },
    { url: 'wss://agent.example/media-3s', expected: { lastsMs: 3_000, outcome: 'completed' } },
    { url: 'wss://agent.example/refused', expected: { lastsMs: 0, outcome: 'failed' } },
  ] as const)('streams to $url as long as $expected', ({ url, expected }) => {
    expect(audioOfStream(url)).toEqual(expected);
  });
});
