import type { AttemptId } from '@ringfence/domain/shared/values';
import type { AccountId, CallId, LegId } from '@ringfence/kernel/ids';
import { durationMs } from '@ringfence/kernel/units';
import { carrierContract } from '@ringfence/ports/carrier/carrier.contract';
import type { CarrierSignal } from '@ringfence/ports/carrier/carrier';
import { FakeTimers } from '@ringfence/testing/fake-timers';
import { describe, expect, it } from '@jest/globals';
import { audioOfFile, audioOfStream } from './sandbox-audio.js';
import { SandboxCarrier } from './sandbox-carrier.js';

function sandbox(speed: number) {
  const timers = new FakeTimers();
  const carrier = new SandboxCarrier({ workerId: 'wrk_sandbox', timers, speed });
  const numbers = { talks: '+15005551001', rings: '+15005550006', busy: '+15005550003' };
  const media = {
    file: 'https://media.example.com/hello.mp3',
    missing: 'https://media.example.com/missing.mp3',
    socket: 'wss://agent.example.com/media',
  };
  return { carrier, pass: (ms: number) => timers.advance(ms / speed), numbers, media };
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
    if (signal.kind === 'action_ended') return;
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
