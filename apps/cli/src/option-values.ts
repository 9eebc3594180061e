import { parseStreamId, type StreamId } from '@ringfence/kernel/ids';
import { InvalidArgumentError } from 'commander';

export function count(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('A whole number is wanted.');
  return Number(text);
}

/** Millionths of the account's currency, as text: it may be more than a number holds. */
export function amount(text: string): string {
  if (!/^\d{1,30}$/.test(text)) throw new InvalidArgumentError('A whole number of millionths is wanted.');
  return text;
}

export function list(text: string): readonly string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

export function streamNamed(text: string): StreamId {
  const stream = parseStreamId(text);
  if (stream === undefined) throw new InvalidArgumentError('The id of an account (acc_…), or `platform`.');
  return stream;
}

export function labelled(text: string): string {
  if (!/^[a-z0-9][a-z0-9._-]{0,62}$/.test(text))
    throw new InvalidArgumentError('A label is 1–63 characters a–z, 0–9, `.`, `_`, `-`.');
  return text;
}

export function oneOfWords(...words: readonly string[]): (text: string) => string {
  return (text) => {
    if (!words.includes(text)) throw new InvalidArgumentError(`One of ${words.join(', ')}.`);
    return text;
  };
}
