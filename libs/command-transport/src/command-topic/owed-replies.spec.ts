import { describe, expect, it } from '@jest/globals';
import type { Lane } from '@ringfence/kernel/lane';
import type { Timers } from '@ringfence/kernel/timers';
import { FakeClock } from '@ringfence/testing/fake-clock';
import type { ClassifiedMessage, RawMessage } from './command-reading.js';
import { OwedReplies } from './owed-replies.js';

const lane = 3 as Lane;
const clock = new FakeClock();
const internal = 'ringfence.wish.placeCall.v1';

function record(offset: number, type: string): RawMessage {
  const headers = { ce_type: type, ce_time: new Date(clock.now()).toISOString() };
  const place = { lane, offset: BigInt(offset) };
  const message = { topic: 'commands', key: 'k', headers, value: new Uint8Array(), partition: lane, ...place };
  return { message, place, isCopy: false };
}

/** Reads what a predecessor consumed of these records; every timer is due at once. */
async function resend(records: readonly RawMessage[]) {
  const read: number[] = [];
  const turns: number[] = [];
  let settle: () => void = () => undefined;
  const done = new Promise<void>((resolve) => (settle = resolve));
  const timers: Timers = {
    monotonicMs: () => 0,
    after: (_delayMs, action) => {
      setImmediate(action);
      return () => undefined;
    },
    soon: (action) => {
      turns.push(read.length);
      setImmediate(action);
      if (read.includes(0)) settle();
    },
  };
  const reading = {
    read: (raw: RawMessage): Promise<ClassifiedMessage> => {
      read.push(Number(raw.place.offset));
      return Promise.resolve({ ...raw, kind: 'unreadable', reason: 'a spec', withheld: true });
    },
  };
  const never = () => {
    throw new Error('nothing is sent');
  };
  const store = { findOutcomes: never };
  const owed = new OwedReplies({ reading, store, clock, timers, send: never, onRetryableError: never });
  owed.inherit(new Map([[lane, { next: 1_000n, above: [], transactions: [] }]]));
  owed.look(records);
  await done;
  await owed.stop();
  return { read, turns };
}

describe('replies that a predecessor may owe', () => {
  it('are read in small portions, the last commands first, so that new commands are decided in between', async () => {
    const { read, turns } = await resend(Array.from({ length: 40 }, (_, offset) => record(offset, internal)));
    expect(turns).toEqual([16, 32, 40]);
    expect(Math.min(...read.slice(0, 16))).toBe(24);
    expect(new Set(read).size).toBe(40);
  });

  it('are those to processes of the cluster: commands that clients signed are not read', async () => {
    const signed = record(1, 'ringfence.command.place-call.v1');
    const { read } = await resend([record(0, internal), signed]);
    expect(read).toEqual([0]);
  });
});
