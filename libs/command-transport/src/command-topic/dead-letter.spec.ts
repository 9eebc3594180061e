import { describe, expect, it } from '@jest/globals';
import { type BusMessage, bytesOf, messageBytesMax } from '@ringfence/ports/message-bus/message';
import { deadLetterOf, readDeadLetter } from './dead-letter.js';

const message: BusMessage = {
  topic: 'ringfence.commands',
  partition: 7,
  offset: 17n,
  key: 'somebody',
  headers: { 'content-type': 'text/plain', ce_type: 'no.command.v1', note: 'hello' },
  value: Buffer.from('words'),
};
const inTopic = (letter: object) => ({ partition: 7, offset: 0n, ...letter }) as BusMessage;

describe('a dead letter', () => {
  it('has all that the message had, and says where it was and why it is here', () => {
    const letter = deadLetterOf(message, 'it is no command', 'ringfence.commands.dlq', false);
    const { topic, partition, offset, key, headers, value } = message;
    expect(readDeadLetter(inTopic(letter))).toEqual({
      reason: 'it is no command',
      ...{ topic, partition, offset },
      withheld: false,
      bytes: value.length,
      message: { key, headers, value },
    });
  });

  it.each([
    ['value', { value: Buffer.alloc(messageBytesMax) }],
    ['header', { headers: { ...message.headers, note: 'n'.repeat(messageBytesMax) } }],
    ['type', { headers: { ...message.headers, ce_type: 't'.repeat(messageBytesMax) } }],
    ['content type', { headers: { ...message.headers, 'content-type': 't'.repeat(messageBytesMax) } }],
  ])(
    'can be published whatever the broker has taken: of a message with a %s beyond all bounds its place is left',
    (_what, change) => {
      const letter = deadLetterOf({ ...message, ...change }, 'it is no command', 'ringfence.commands.dlq', false);
      expect(bytesOf(letter)).toBeLessThan(messageBytesMax);
      expect(readDeadLetter(inTopic(letter))).toMatchObject({
        reason: 'it is no command',
        partition: 7,
        offset: 17n,
        withheld: true,
        bytes: { ...message, ...change }.value.length,
      });
    },
  );
});
