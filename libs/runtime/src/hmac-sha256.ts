import { hash } from 'node:crypto';

/** Bytes that SHA-256 takes at a time. */
const blockBytes = 64;
const digestBytes = 32;
const innerPad = 0x36;
const outerPad = 0x5c;
/** Longest message whose HMAC needs no memory of its own: keys of requests and their fields, as a rule. */
const shortMessageBytes = 960;

/**
 * HMAC-SHA-256 under one key (RFC 2104), by two hashes of one call each: a quarter of the time of `createHmac`, which
 * looks up its algorithm in OpenSSL for every message. Digests leave OpenSSL as text, in a third of the time that a
 * buffer takes.
 */
export class HmacSha256 {
  /** The padded key, and room for a short message. */
  readonly #inner: Buffer;
  /** The padded key, and room for the inner digest. */
  readonly #outer: Buffer;

  constructor(key: Uint8Array) {
    const short = key.length > blockBytes ? hash('sha256', key, 'buffer') : key;
    const padded = (pad: number, room: number) => {
      const bytes = Buffer.alloc(blockBytes + room, pad);
      short.forEach((byte, at) => (bytes[at] = byte ^ pad));
      return bytes;
    };
    this.#inner = padded(innerPad, shortMessageBytes);
    this.#outer = padded(outerPad, digestBytes);
  }

  /** @returns 32 bytes */
  digest(message: string | Uint8Array): Buffer {
    this.#outer.write(hash('sha256', this.#padded(message), 'binary'), blockBytes, 'binary');
    return Buffer.from(hash('sha256', this.#outer, 'binary'), 'binary');
  }

  /** @returns the padded key and the message; valid until the next call */
  #padded(message: string | Uint8Array): Buffer {
    const length = Buffer.byteLength(message);
    if (length > shortMessageBytes) {
      const bytes = typeof message === 'string' ? Buffer.from(message) : message;
      return Buffer.concat([this.#inner.subarray(0, blockBytes), bytes]);
    }
    if (typeof message === 'string') this.#inner.write(message, blockBytes);
    else this.#inner.set(message, blockBytes);
    return this.#inner.subarray(0, blockBytes + length);
  }
}
