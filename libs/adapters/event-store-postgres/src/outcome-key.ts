import { type CommandId, parseGeneratedCommandId, type StreamId } from '@ringfence/kernel/ids';
import { packedId } from '@ringfence/kernel/packed-id';
import { hash } from 'node:crypto';

const keyDigits = 32;
/** 32 of the 48 bits of a ULID's milliseconds: 65 s. */
const momentDigits = 8;

/**
 * Makes the key of a packed outcome, 128 bits as hexadecimal digits: of a generated id its minute and 96 bits of a
 * hash, so that outcomes of one time are neighbours in the index; of other ids the hash alone. Not its millisecond:
 * keys that come almost in order leave the pages of the index half full.
 */
export function outcomeKey(stream: StreamId, commandId: CommandId): string {
  const digest = hash('sha256', `${stream}/${commandId}`, 'hex');
  const generated = parseGeneratedCommandId(commandId);
  if (generated === undefined) return digest.slice(0, keyDigits);
  const moment = packedId(generated).slice(0, momentDigits);
  return moment + digest.slice(0, keyDigits - momentDigits);
}
