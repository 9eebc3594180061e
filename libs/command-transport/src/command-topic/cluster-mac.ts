import { timingSafeEqual } from 'node:crypto';
import { HmacSha256 } from '@ringfence/runtime/hmac-sha256';
import type { KeyRing } from '@ringfence/runtime/key-ring';

/**
 * Authenticates messages between processes of one cluster: HMAC-SHA-256 under a key that all of them share. Keys are
 * rotated by their names: the first of the ring signs, all of them verify.
 */
export class ClusterMac {
  readonly #keys: ReadonlyMap<string, HmacSha256>;
  readonly #current: string;

  constructor(ring: KeyRing) {
    this.#keys = new Map(ring.all.map(({ id, bytes }) => [id, new HmacSha256(bytes)]));
    this.#current = ring.current.id;
  }

  /** Signs the parts, in their order. @returns `<key id>:<base64url>` */
  sign(parts: readonly (string | Uint8Array)[]): string {
    return `${this.#current}:${this.#digest(this.#current, parts)?.toString('base64url') ?? ''}`;
  }

  /** Verifies that one of the cluster's processes signed exactly these parts. */
  verify(token: string, parts: readonly (string | Uint8Array)[]): boolean {
    const [keyId = '', text = ''] = token.split(':');
    const expected = this.#digest(keyId, parts);
    const presented = Buffer.from(text, 'base64url');
    return expected !== undefined && presented.length === expected.length && timingSafeEqual(presented, expected);
  }

  #digest(keyId: string, parts: readonly (string | Uint8Array)[]): Buffer | undefined {
    return this.#keys.get(keyId)?.digest(framed(parts));
  }
}

const lengthBytes = 4;

/**
 * Prefixes each part with its length, so that no two lists of parts give the same bytes. In one buffer, because each
 * update of the digest has a cost.
 */
function framed(parts: readonly (string | Uint8Array)[]): Buffer {
  const lengths = parts.map((part) => (typeof part === 'string' ? Buffer.byteLength(part) : part.length));
  const bytes = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + lengthBytes + length, 0));
  let at = 0;
  for (const [index, part] of parts.entries()) {
    at = bytes.writeUInt32BE(lengths[index] ?? 0, at);
    if (typeof part === 'string') at += bytes.write(part, at);
    else {
      bytes.set(part, at);
      at += part.length;
    }
  }
  return bytes;
}
