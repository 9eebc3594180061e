import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Folder of another built checkout, whose server is compared with this one; empty: none. */
const { RINGFENCE_BENCH_BESIDE: beside = '' } = process.env;

/** The server of the checkout beside; before it moved to `apps/server` it was `apps/ringfence`. undefined: none. */
export const mainBeside = beside === '' ? undefined : mainOf(resolve(beside));

/** A built server to measure; `main` undefined: that of this checkout. */
export type Build = { readonly build: 'this' | 'beside'; readonly main: string | undefined };

/** The checkout beside, if there is one, and this one: to be measured in turns. */
export const builds: readonly Build[] = [
  ...(mainBeside === undefined ? [] : [{ build: 'beside' as const, main: mainBeside }]),
  { build: 'this', main: undefined },
];

function mainOf(checkout: string): string {
  const main = join(checkout, 'apps/server/dist/main.js');
  return existsSync(main) ? main : join(checkout, 'apps/ringfence/dist/main.js');
}
