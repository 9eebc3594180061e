import { createHash } from 'node:crypto';
import { Transform } from 'node:stream';

/** Passes bytes on as they are, and knows afterwards how many they were and their SHA-256. */
export class Measured extends Transform {
  readonly #hash = createHash('sha256');
  #bytes = 0;

  override _transform(chunk: Buffer, _: BufferEncoding, done: (error: null, chunk: Buffer) => void): void {
    this.#hash.update(chunk);
    this.#bytes += chunk.length;
    done(null, chunk);
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Lower-case hex; once, after the last byte. */
  sha256(): string {
    return this.#hash.digest('hex');
  }
}
