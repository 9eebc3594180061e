import { expect, it } from '@jest/globals';
import { FakeTimers } from '@ringfence/testing/fake-timers';
import { type BusMessage, bytesOf, messageBytesMax } from './message.js';
import { intakeBytesMax, intakeMessagesMax, PartitionIntake } from './partition-intake.js';

/** An intake whose handler is held until it is released, and a reader that offers the items of a partition. */
class Bench {
  readonly handled: bigint[] = [];
  roomReported = 0;
  #goOn: () => void = () => undefined;
  readonly #held = new Promise<void>((resolve) => (this.#goOn = resolve));
  readonly intake = new PartitionIntake(0, 0n, {
    timers: new FakeTimers(),
    onMessages: async (_partition, batch) => {
      await this.#held;
      this.handled.push(...batch.map(({ offset }) => offset));
    },
    onRetryableError: () => undefined,
    onRoom: () => {
      this.roomReported += 1;
    },
  });

  /**
   * Reads on from the intake's place.
   * @returns how many of so many messages of this size were accepted
   */
  read(count: number, valueBytes: number): number {
    this.intake.reading();
    const from = this.intake.next;
    for (let at = 0n; at < count; at += 1n) this.intake.offer(messageAt(from + at, valueBytes));
    return Number(this.intake.next - from);
  }

  async goOn(): Promise<void> {
    this.#goOn();
    while (this.intake.busy) await new Promise(setImmediate);
  }
}

const value = new Uint8Array(messageBytesMax);
function messageAt(offset: bigint, valueBytes: number): BusMessage {
  return {
    topic: 't',
    partition: 0,
    offset,
    key: 'k',
    headers: { ce_id: 'one' },
    value: value.subarray(0, valueBytes),
  };
}

const large = 500_000;
const largeFit = Math.floor(intakeBytesMax / bytesOf(messageAt(0n, large)));

it.each([
  { valueBytes: 100, fit: intakeMessagesMax, because: 'they are so many' },
  { valueBytes: large, fit: largeFit, because: 'they are so large' },
])('holds $fit messages of $valueBytes bytes at most: $because', async ({ valueBytes, fit }) => {
  const b = new Bench();
  expect(b.read(fit + 10, valueBytes)).toBe(fit);
  // What found no place is not taken out of its turn, though a smaller one would find one.
  b.intake.offer(messageAt(b.intake.next, 1));
  expect(b.intake.next).toBe(BigInt(fit));
  await b.goOn();
  expect(b.handled).toEqual(Array.from({ length: fit }, (_, at) => BigInt(at)));
  expect(b.roomReported).toBe(1);
});

it('has as much room again when its handler has had what waited', async () => {
  const b = new Bench();
  b.read(largeFit + 1, large);
  await b.goOn();
  expect(b.read(largeFit + 1, large)).toBe(largeFit);
  await b.goOn();
  expect(b.handled).toHaveLength(2 * largeFit);
});

it('holds nothing after a stop', async () => {
  const b = new Bench();
  b.read(largeFit, large);
  const stopped = b.intake.stop();
  await b.goOn();
  await stopped;
  expect(b.read(1, large)).toBe(0);
});
