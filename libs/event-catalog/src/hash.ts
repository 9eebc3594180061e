import { hash } from 'node:crypto';

/** Lower-case hex SHA-256 of an event's bytes: the next event of its stream carries it as `prevHash`. */
export function hashOf(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'hex');
}

/** Value of `prevHash` in a stream's first event. */
export const noPrevHash = '0'.repeat(64);
