import type { Unit } from './units.js';

/** An id is a prefix and a ULID (26 characters of Crockford's base 32), as the Teler API writes them. */
export type Id<Prefix extends string> = Unit<string, Prefix>;

export type AccountId = Id<'acc'>;
export type KeyId = Id<'key'>;
export type CallId = Id<'cs'>;
export type LegId = Id<'cl'>;
export type EventId = Id<'evt'>;
/** One personal value within one account. */
export type SubjectId = Id<'sub'>;
/** Names one log for ever; the first event carries it. */
export type LogId = Id<'log'>;
export type DeckId = Id<'deck'>;

/** A client's Idempotency-Key, a CloudEvents id, or one the gateway made up: 1–255 printable ASCII characters. */
export type CommandId = Unit<string, 'CommandId'>;

/** Prefixes of the ids of streams: one for each kind of which there are many streams. */
export const streamPrefixes = ['acc'] as const;
type StreamPrefix = (typeof streamPrefixes)[number];
/** One stream per account, and `platform` for what belongs to everybody. */
export type StreamId = { readonly [Prefix in StreamPrefix]: Id<Prefix> }[StreamPrefix] | typeof platformStream;
export const platformStream = 'platform' as Unit<string, 'platform'>;

const ulidPattern = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;
const commandIdPattern = /^[\x20-\x7e]{1,255}$/;

function idParser<Prefix extends string>(prefix: Prefix): (text: string) => Id<Prefix> | undefined {
  const head = `${prefix}_`;
  return (text) =>
    text.startsWith(head) && ulidPattern.test(text.slice(head.length)) ? (text as Id<Prefix>) : undefined;
}

export const parseAccountId = idParser('acc');
export const parseKeyId = idParser('key');
export const parseCallId = idParser('cs');
export const parseLegId = idParser('cl');
export const parseEventId = idParser('evt');
export const parseSubjectId = idParser('sub');
export const parseLogId = idParser('log');

export function parseCommandId(text: string): CommandId | undefined {
  return commandIdPattern.test(text) ? (text as CommandId) : undefined;
}

const streamParsers = streamPrefixes.map((prefix) => idParser(prefix));

export function parseStreamId(text: string): StreamId | undefined {
  if (text === platformStream) return platformStream;
  for (const parse of streamParsers) {
    const stream = parse(text);
    if (stream !== undefined) return stream;
  }
  return undefined;
}

/** Makes ids; the one source of them in a process, so that a test can make them predictable. */
export interface IdSource {
  accountId(): AccountId;
  keyId(): KeyId;
  callId(): CallId;
  legId(): LegId;
  eventId(): EventId;
  subjectId(): SubjectId;
  logId(): LogId;
  deckId(): DeckId;
  commandId(): CommandId;
}
