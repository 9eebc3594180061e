import zlib from 'node:zlib';
import { Failure } from '@ringfence/kernel/failure';

/**
 * Checks that Node.js supports zstd. Producers choose their compression, so a reader needs every codec; all others come
 * with the client.
 * @throws Failure `node_without_zstd`
 */
export function checkZstd(): void {
  if ('zstdDecompressSync' in zlib) return;
  throw new Failure(
    'node_without_zstd',
    `this Node.js ${process.versions.node} was built without zstd, by which messages on Kafka may be compressed: run one that has it, such as those of nodejs.org from 22.22 on`,
    false,
  );
}
