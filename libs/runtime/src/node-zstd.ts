import zlib from 'node:zlib';
import { Failure } from '@ringfence/kernel/failure';

/**
 * Says what to do where Node.js does not support zstd, in which the log's cold pages are written and messages on Kafka
 * may be; undefined: it does.
 */
export function whyZstdMissing(): string | undefined {
  if ('zstdDecompressSync' in zlib) return undefined;
  return `this Node.js ${process.versions.node} was built without zstd, in which pages of the log and messages on Kafka are compressed: run one that has it, such as those of nodejs.org from 22.22 on`;
}

/** @throws Failure `node_without_zstd` */
export function checkZstd(): void {
  const missing = whyZstdMissing();
  if (missing !== undefined) throw new Failure('node_without_zstd', missing, false);
}
