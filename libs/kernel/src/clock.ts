import type { EpochMs } from './units.js';

/** Where the shell takes time from; the domain gets moments in its commands. */
export interface Clock {
  now(): EpochMs;
}
