import zlib from 'node:zlib';
import { Failure } from '@ringfence/kernel/failure';

/**
 * Checks that Node.js supports zstd, in which the log's cold pages are written and messages on Kafka may be.
 * @throws Failure `node_without_zstd`
 */
export function checkZstd(): void {
  if ('zstdDecompressSync' in zlib) return;
  throw new Failure(
    'node_without_zstd',
    `this Node.js ${process.versions.node} was built without zstd, in which pages of the log and messages on Kafka are compressed: run one that has it, such as those of nodejs.org from 22.22 on`,
    false,
  );
}
