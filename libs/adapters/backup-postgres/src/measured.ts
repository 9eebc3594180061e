import { createHash } from 'node:crypto';
import { Transform } from 'node:stream';

/** Passes bytes on unchanged, and counts and hashes them (SHA-256). */
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

  /** Returns lower-case hex; to be called once, after the last byte. */
  sha256(): string {
    return this.#hash.digest('hex');
  }
}
