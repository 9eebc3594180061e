import { createRequire } from 'node:module';
import { isAnswer } from './server/json-reading.js';

const manifest: unknown = createRequire(import.meta.url)('../package.json');

/** The version of this release, as its package states it. */
export const version = isAnswer(manifest) && typeof manifest['version'] === 'string' ? manifest['version'] : 'unknown';
