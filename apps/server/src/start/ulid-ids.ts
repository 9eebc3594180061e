import type {
  AccountId,
  CallId,
  CommandId,
  DeckId,
  EventId,
  IdSource,
  KeyId,
  LegId,
  LogId,
  SubjectId,
} from '@ringfence/kernel/ids';
import { randomBytes } from 'node:crypto';

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const timeCharacters = 10;
const randomCharacters = 16;
const poolCharacters = 256 * randomCharacters;

/** Ids as the platform makes them: a prefix and a ULID (48 bits of time, 80 from the system's CSPRNG). */
export class UlidIds implements IdSource {
  #pool = '';
  #used = 0;
  #timeMs = -1;
  #timeText = '';

  accountId = (): AccountId => `acc_${this.#ulid()}` as AccountId;
  keyId = (): KeyId => `key_${this.#ulid()}` as KeyId;
  callId = (): CallId => `cs_${this.#ulid()}` as CallId;
  legId = (): LegId => `cl_${this.#ulid()}` as LegId;
  eventId = (): EventId => `evt_${this.#ulid()}` as EventId;
  subjectId = (): SubjectId => `sub_${this.#ulid()}` as SubjectId;
  logId = (): LogId => `log_${this.#ulid()}` as LogId;
  deckId = (): DeckId => `deck_${this.#ulid()}` as DeckId;
  commandId = (): CommandId => `cmd_${this.#ulid()}` as CommandId;

  #ulid(): string {
    const nowMs = Date.now();
    if (nowMs !== this.#timeMs) {
      this.#timeMs = nowMs;
      this.#timeText = timeText(nowMs);
    }
    if (this.#used === this.#pool.length) {
      this.#pool = randomText(poolCharacters);
      this.#used = 0;
    }
    const from = this.#used;
    this.#used += randomCharacters;
    return this.#timeText + this.#pool.slice(from, this.#used);
  }
}

/** Many ids' worth at once: one by one they would take a good part of what a call may take. */
function randomText(characters: number): string {
  const bytes = randomBytes(characters);
  // 5 of each byte's 8 bits: uniform, and no arithmetic over byte borders.
  for (let at = 0; at < characters; at += 1) bytes[at] = alphabet.charCodeAt((bytes[at] ?? 0) & 31);
  return bytes.toString('latin1');
}

function timeText(ms: number): string {
  let rest = ms;
  let text = '';
  for (let at = 0; at < timeCharacters; at += 1) {
    text = alphabet.charAt(rest % 32) + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}
