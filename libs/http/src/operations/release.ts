import { createRequire } from 'node:module';

const manifest: unknown = createRequire(import.meta.url)('../../package.json');

/** The version of this release, as its package states it. */
export const release = versionIn(manifest);

function versionIn(stated: unknown): string {
  const version = typeof stated === 'object' && stated !== null && 'version' in stated ? stated.version : undefined;
  return typeof version === 'string' ? version : 'unknown';
}
