import { randomFillSync } from 'node:crypto';

const saltBytes = 16;
const poolBytes = saltBytes * 1_024;

/**
 * 128 random bits for each event, from a CSPRNG; filled a thousand at a time, for one call costs as much as many bytes.
 */
export class SaltSource {
  readonly #pool = Buffer.allocUnsafe(poolBytes);
  #used = poolBytes;

  /** @param fill fills with random bytes; a CSPRNG unless a test needs the same ones again */
  constructor(private readonly fill: (bytes: Uint8Array) => unknown = randomFillSync) {}

  /** 32 lower-case hex digits, never the same twice. */
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
