import { expect, it } from '@jest/globals';
import type { LogId } from '@ringfence/kernel/ids';
import type { Epoch } from '@ringfence/kernel/lane';
import { busFailures } from '@ringfence/ports/message-bus/failures';
import type { Membership } from '@ringfence/ports/message-bus/message-bus';
import { readTail } from './published-end.js';

/** A bus that accepts nobody before a test says so. */
class SlowBus {
  following = 0;
  readers = 0;
  #admit: (membership: Membership) => void = () => undefined;
  #refuse: (failure: Error) => void = () => undefined;

  ranges() {
    return Promise.resolve([{ first: 0n, next: 3n }]);
  }

  follow(): Promise<Membership> {
    this.following += 1;
    return new Promise((resolve, reject) => {
      this.#admit = resolve;
      this.#refuse = reject;
    });
  }

  admit(): void {
    this.readers += 1;
    this.#admit({
      leave: () => {
        this.readers -= 1;
        return Promise.resolve();
      },
    });
  }

  refuse(): void {
    this.#refuse(busFailures.bus_unavailable(new Error('away')));
  }
}

async function givenUp() {
  const bus = new SlowBus();
  const errors: unknown[] = [];
  const ending = new AbortController();
  const onRetryableError = (cause: unknown) => errors.push(cause);
  const reading = {
    bus,
    topic: 't',
    watermarks: null,
    partitions: 1,
    logId: 'log' as LogId,
    epoch: 2 as Epoch,
    own: null,
    onRetryableError,
  };
  const tail = readTail(reading, ending.signal);
  while (bus.following === 0) await new Promise(setImmediate);
  ending.abort(new Error('the lease is lost'));
  await expect(tail).rejects.toThrow('the lease is lost');
  return { bus, errors };
}

it('a reader of the topic’s end that is accepted after it gave up stops reading', async () => {
  const { bus, errors } = await givenUp();
  bus.admit();
  await new Promise(setImmediate);
  expect(bus.readers).toBe(0);
  expect(errors).toEqual([]);
});

it('a reader of the topic’s end that is not accepted before it gives up leaves it at that', async () => {
  const { bus, errors } = await givenUp();
  bus.refuse();
  await new Promise(setImmediate);
  expect(errors).toMatchObject([{ code: 'bus_unavailable' }]);
});
