import { open } from 'node:fs/promises';
import type { EventEnvelope } from '@ringfence/event-catalog/envelope';
import { eventTypeOf } from '@ringfence/event-catalog/event-catalog';
import { decodeEvent } from '@ringfence/event-catalog/event-codec';
import type { KeyRevoked } from '@ringfence/domain/keys/key.events';
import type { SubjectErased } from '@ringfence/domain/accounts/account.events';
import { Failure } from '@ringfence/kernel/failure';
import { cliFailures } from '../failures.js';
import { type JsonAnswer, isAnswer } from '../server/json-reading.js';

/** Facts recorded after the backup that a restore has to apply. */
export type LaterEvent = SubjectErased | KeyRevoked;

/**
 * Erasures and revocations in a file of one JSON value per line: an event as the log holds it (from a consumer of
 * `ringfence.events`), or `{"position", "event"}` (the server's own register, `ringfence replay --json`). Skips other
 * events and watermarks.
 * @throws Failure `later_events_unreadable`, `later_events_of_other_log`
 */
export async function* laterEventsOf(file: string, logId: string): AsyncIterable<LaterEvent> {
  const opened = await open(file).catch((): never => {
    throw cliFailures.later_events_unreadable(file, 1, 'the file cannot be read');
  });
  let number = 0;
  // A crash, or a copy made during a write, may truncate the last line of a register. Its event is in the backup of the
  // log or is lost.
  let cutOff: Failure | undefined;
  for await (const line of opened.readLines()) {
    if (cutOff !== undefined) throw cutOff;
    number += 1;
    const value = line.trim() === '' ? {} : parsed(line);
    if (!isAnswer(value)) cutOff = cliFailures.later_events_unreadable(file, number, 'it is no JSON object');
    else yield* eventIn(value, file, number, logId);
  }
}

function* eventIn(value: JsonAnswer, file: string, number: number, logId: string): Iterable<LaterEvent> {
  const raw = isAnswer(value['event']) ? value['event'] : value;
  const type = typeof raw['type'] === 'string' ? eventTypeOf(raw['type']) : undefined;
  if (type !== 'SubjectErased' && type !== 'KeyRevoked') return;
  const envelope = decoded(raw, file, number);
  if (envelope.logId !== logId) throw cliFailures.later_events_of_other_log(file, number);
  const { data } = envelope;
  if (data.type === 'SubjectErased' || data.type === 'KeyRevoked') yield data;
}

function decoded(raw: JsonAnswer, file: string, number: number): EventEnvelope {
  try {
    return decodeEvent(Buffer.from(JSON.stringify(raw)));
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    throw cliFailures.later_events_unreadable(file, number, failure.message);
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
