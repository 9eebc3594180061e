import { beforeEach, describe, expect, it } from '@jest/globals';
import { deadLetterOf } from '@ringfence/command-transport/command-topic/dead-letter';
import { invariant } from '@ringfence/kernel/invariant';
import type { BusMessage, OutgoingMessage } from '@ringfence/ports/message-bus/message';
import { MemoryBroker } from '@ringfence/messaging-memory/memory-broker';
import { MemoryMessageBus } from '@ringfence/messaging-memory/memory-message-bus';
import { deadLetterAt, deadLetters, messageOf, sendAgain, type StoredLetter } from './dead-letters.js';

const [commands, dead] = ['spec.commands', 'spec.commands.dlq'];
const specOf = (name: string) =>
  ({ name, partitions: 4, replicas: { copies: 1, inSyncMin: 1 }, retention: { kind: 'forever' } }) as const;
const stray: OutgoingMessage = {
  topic: commands,
  key: '+15005550000',
  partition: 2,
  headers: { 'content-type': 'application/json', ce_type: 'ringfence.commands.place_call.v1', note: 'x' },
  value: Buffer.from('{"to_number":"+15005550000"}'),
};

let broker: MemoryBroker;
let bus: MemoryMessageBus;

async function open(): Promise<void> {
  broker = new MemoryBroker();
  bus = new MemoryMessageBus(broker);
  await bus.ensureTopics([specOf(commands), specOf(dead)]);
}
beforeEach(open);

/** The messages in a partition of the command topic. */
const held = (): readonly BusMessage[] => broker.page(commands, 2, 0n, 100);

/** Moves the last message of the topic of commands to the dead letters, as a decider does. */
async function deadLettered(withheld: boolean): Promise<StoredLetter> {
  await bus.publish([stray]);
  const message = held().at(-1);
  invariant(message !== undefined, 'it was published');
  await bus.publish([deadLetterOf(message, 'it is no command', dead, withheld)]);
  const stored = (await deadLetters(bus, dead)).at(-1);
  invariant(stored !== undefined, 'it became a dead letter');
  return stored;
}

describe('a dead letter', () => {
  it('is found at the place under which it is listed', async () => {
    const stored = await deadLettered(false);
    expect(await deadLetterAt(bus, dead, stored.at)).toEqual(stored);
    expect(await deadLetterAt(bus, dead, '2:1')).toBeUndefined();
    expect(await deadLetterAt(bus, dead, '9:0')).toBeUndefined();
    expect(await deadLetterAt(bus, dead, 'anywhere')).toBeUndefined();
  });

  it.each([
    ['was kept with it', false],
    ['still lies where it came from', true],
  ])('is sent again as it was, from what %s', async (_where, withheld) => {
    const stored = await deadLettered(withheld);
    const message = await messageOf(bus, stored);
    const { key, headers, value } = stray;
    expect(message).toMatchObject({ key, headers, value });
    invariant(message !== undefined, 'somebody has it');
    await sendAgain(bus, stored, message);
    // The new header distinguishes it from a copy, which would get the first one's result.
    expect(held()).toMatchObject([
      { key, headers, value },
      { key, headers: { ...headers, dlq_retried: expect.any(String) }, value },
    ]);
  });

  it('whose content is withheld keeps only the kind and size of the message', async () => {
    const { letter } = await deadLettered(true);
    expect(letter).toMatchObject({
      withheld: true,
      bytes: stray.value.length,
      message: { key: 'withheld', headers: { ce_type: stray.headers['ce_type'] } },
    });
    const kept = broker
      .page(dead, 2, 0n, 100)
      .map(({ key, headers, value }) => [key, headers, Buffer.from(value).toString()]);
    expect(JSON.stringify(kept)).not.toContain('5005550000');
  });

  it('from an aborted transaction, or before one, is not waited for', async () => {
    const stored = await deadLettered(true);
    await open();
    broker.append(stray, 1n);
    broker.endTransaction(commands, 1n, false);
    expect(await messageOf(bus, stored)).toBeUndefined();
    await deadLettered(false);
    broker.append({ ...stray, topic: dead }, 2n);
    broker.endTransaction(dead, 2n, false);
    expect(await deadLetters(bus, dead)).toHaveLength(1);
    expect(await deadLetterAt(bus, dead, '2:1')).toBeUndefined();
  });

  it.each([
    ['nothing', []],
    ['another message', [{ ...stray, value: Buffer.from('{}') }]],
    ['one of another type', [{ ...stray, headers: { ...stray.headers, ce_type: 'ringfence.wish.add_credit.v1' } }]],
  ])('whose content is withheld is lost when %s is at the place that it came from', async (_what, there) => {
    const stored = await deadLettered(true);
    await open();
    await bus.publish(there);
    expect(await messageOf(bus, stored)).toBeUndefined();
  });
});
