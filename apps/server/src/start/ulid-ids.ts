import { randomBytes } from 'node:crypto';
import { PrefixedIds } from '@ringfence/kernel/prefixed-ids';

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const timeCharacters = 10;
const randomCharacters = 16;
const poolCharacters = 256 * randomCharacters;

/** Ids as the platform makes them: a prefix and a ULID (48 bits of time, 80 from the system's CSPRNG). */
export class UlidIds extends PrefixedIds {
  #pool = '';
  #used = 0;
  #timeMs = -1;
  #timeText = '';

  protected override next(): string {
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
