import { randomFillSync } from 'node:crypto';

const saltBytes = 16;
const poolBytes = saltBytes * 1_024;

/**
 * Salts of events: 128 random bits each, from a CSPRNG. Filled a thousand at a time, because one call for many bytes
 * costs no more than a call for few.
 */
export class SaltSource {
  readonly #pool = Buffer.allocUnsafe(poolBytes);
  #used = poolBytes;

  /** @param fill fills with random bytes: a CSPRNG, except in tests that need repeatable bytes */
  constructor(private readonly fill: (bytes: Uint8Array) => unknown = randomFillSync) {}

  /** @returns 32 lower-case hex digits, never the same twice */
  next(): string {
    if (this.#used === poolBytes) {
      this.fill(this.#pool);
      this.#used = 0;
    }
    const at = this.#used;
    this.#used = at + saltBytes;
    return this.#pool.toString('hex', at, at + saltBytes);
  }
}
