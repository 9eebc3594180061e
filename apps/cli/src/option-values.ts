import { parseStreamId, type StreamId } from '@ringfence/kernel/ids';
import { type Command, InvalidArgumentError, Option } from 'commander';

export function countOption(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It is a whole number.');
  return Number(text);
}

export function list(text: string): readonly string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

export function streamNamed(text: string): StreamId {
  const stream = parseStreamId(text);
  if (stream === undefined) throw new InvalidArgumentError('The id of an account (acc_…), `platform` or `inventory`.');
  return stream;
}

export function oneOfWords<const Words extends readonly string[]>(...words: Words): (text: string) => Words[number] {
  return (text) => {
    if (!words.includes(text)) throw new InvalidArgumentError(`One of ${words.join(', ')}.`);
    return text;
  };
}

/** An option that takes one of a few words; completion offers them. */
export function choiceOption(flags: string, description: string, words: readonly string[]): Option {
  return new Option(flags, description).choices(words);
}

/** Adds the option for the caller's own id of a command: the same id always leads to the same outcome. */
export function withIdempotencyKey(command: Command): Command {
  return command.option('--idempotency-key <id>', 'the same id leads to the same outcome');
}

/** Adds the option that names an account, for operators. */
export function withAccount(command: Command): Command {
  return command.option('--account <acc_…>', 'operators only; default: the presented key’s own account');
}

/** Adds the options that select a page of a list. */
export function withPage(command: Command, limitDefault: number): Command {
  return command
    .option('--limit <n>', '1–100', countOption, limitDefault)
    .option('--after <cursor>', 'the page after this cursor');
}
export type PageOptions = { readonly limit: number; readonly after?: string };
export type Repeatable = { readonly idempotencyKey?: string };
