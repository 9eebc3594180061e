import { createHash } from 'node:crypto';
import type { Command } from 'commander';
import type { BusMessage } from '@ringfence/ports/message-bus/message';
import type { MessageBus } from '@ringfence/ports/message-bus/message-bus';
import { cliFailures } from '../failures.js';
import { kafkaOf } from '../kafka/kafka-cluster.js';
import type { Shell } from '../shell.js';
import { deadLetterAt, deadLetters, lettersMax, messageOf, sendAgain, type StoredLetter } from './dead-letters.js';

const valueCharactersMax = 4_000;

export function dlqCommands(program: Command, shell: Shell): void {
  const dlq = program
    .command('dlq')
    .description('look at the messages that could not be read as commands, and send them again (on Kafka)');
  dlq
    .command('list')
    .description('the dead letters, and why each was rejected')
    .action(() =>
      onKafka(shell, async (bus, topic) => {
        printAll(await deadLetters(bus, topic), shell);
      }),
    );
  dlq
    .command('show <place>')
    .description('one message with its headers; a place is PARTITION:OFFSET, as `dlq list` writes it')
    .action((at: string) =>
      onKafka(shell, async (bus, topic) => {
        const stored = await letterAt(bus, topic, at);
        printOne(stored, stored.letter.withheld ? withheldOf(await messageOf(bus, stored)) : null, shell);
      }),
    );
  dlq
    .command('retry <place>')
    .description('publish it again as it came; its command id keeps it from being carried out twice')
    .action((at: string) =>
      onKafka(shell, async (bus, topic) => {
        const stored = await letterAt(bus, topic, at);
        const { letter } = stored;
        const { isSignedCommand } =
          await import('@ringfence/command-transport/signed-commands/signed-command-verifier');
        if (letter.withheld && isSignedCommand({ type: letter.message.headers['ce_type'] ?? '' }))
          throw cliFailures.dead_letter_withheld(at);
        const message = await messageOf(bus, stored);
        if (message === undefined) throw cliFailures.dead_letter_gone(at);
        await sendAgain(bus, stored, message);
        const { terminal } = shell;
        const result = { retried: at, topic: letter.topic, partition: letter.partition };
        if (terminal.json) terminal.line(JSON.stringify(result));
        else terminal.line(`${at} was published to ${letter.topic} again; the dead letter stays until it expires.`);
      }),
    );
}

async function onKafka(shell: Shell, work: (bus: MessageBus, topic: string) => Promise<void>): Promise<void> {
  const { connection, topics } = await kafkaOf(shell, 'dead letters lie on Kafka');
  const { KafkaMessageBus } = await import('@ringfence/messaging-kafka/kafka-message-bus');
  const bus = new KafkaMessageBus(connection);
  try {
    await work(bus, topics.deadLetters);
  } finally {
    await bus.close();
  }
}

async function letterAt(bus: MessageBus, topic: string, at: string): Promise<StoredLetter> {
  const stored = await deadLetterAt(bus, topic, at);
  if (stored === undefined) throw cliFailures.dead_letter_unknown(at);
  return stored;
}

function printAll(letters: readonly StoredLetter[], { terminal }: Shell): void {
  if (terminal.json) for (const stored of letters) terminal.line(JSON.stringify(bodyOf(stored)));
  else if (letters.length === 0) terminal.line('No dead letters.');
  else
    terminal.table(
      ['place', 'type', 'key', 'reason'],
      letters.map(({ at, letter: { message, reason } }) =>
        [at, message.headers['ce_type'] ?? '', message.key, reason].map(printable),
      ),
    );
  if (letters.length >= lettersMax)
    terminal.note(
      `These are the first ${String(lettersMax)}; more may follow, and are listed once these have expired.`,
    );
}

/** The hash of a withheld value; null when its topic no longer holds the value. */
type Withheld = { readonly sha256: string | null };

function withheldOf(message: Pick<BusMessage, 'value'> | undefined): Withheld {
  return { sha256: message === undefined ? null : createHash('sha256').update(message.value).digest('hex') };
}

/** @param withheld null: the value is shown as it came */
function printOne(stored: StoredLetter, withheld: Withheld | null, { terminal }: Shell): void {
  const { letter } = stored;
  const { headers, value } = letter.message;
  if (terminal.json) {
    const shown = withheld === null ? { value: textOf(value) } : { value: null, bytes: letter.bytes, ...withheld };
    terminal.line(JSON.stringify({ ...bodyOf(stored), headers, ...shown }));
    return;
  }
  terminal.line(`${letter.topic} ${String(letter.partition)}:${String(letter.offset)}`);
  terminal.line(printable(letter.reason));
  for (const [name, text] of Object.entries(headers)) terminal.line(printable(`  ${name}: ${text}`));
  if (withheld === null) {
    terminal.line(printable(textOf(value)));
    return;
  }
  const size = letter.bytes === null ? 'Its value' : `Its value of ${String(letter.bytes)} bytes`;
  const where =
    withheld.sha256 === null
      ? 'its topic no longer holds it, or its transaction was aborted'
      : `SHA-256 ${withheld.sha256}`;
  terminal.line(`${size} is withheld: its sender is not authenticated, and it may hold personal values; ${where}.`);
}

function bodyOf({ at, letter }: StoredLetter) {
  const { topic, partition, offset, reason, message } = letter;
  const type = message.headers['ce_type'] ?? null;
  return { place: at, topic, partition, offset: offset.toString(), type, key: message.key, reason };
}

function textOf(value: Uint8Array): string {
  return Buffer.from(value).toString().slice(0, valueCharactersMax);
}

/** Removes control characters: anyone may have written the value, and it must not control the terminal. */
function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '�');
}
