import { setTimeout as after } from 'node:timers/promises';
import { isRetryable } from '@ringfence/kernel/failure';
import type { JsonAnswer } from '../server/json-reading.js';
import type { JsonPage, PlatformApi, Query } from '../server/platform-api.js';

/** The most that a page may have. */
const limit = 100;
const attemptsMax = 4;
const pauseMs = 500;

/**
 * Every entry that `query` selects, newest first, a page at a time. A page that fails for now is asked for again, a few
 * times: a page does not change by what comes in meanwhile.
 * @throws Failure as `PlatformApi.page`
 */
export async function* entryPages(api: Pick<PlatformApi, 'page'>, query: Query): AsyncGenerator<readonly JsonAnswer[]> {
  let cursor: string | undefined;
  do {
    const { items, nextCursor }: JsonPage = await patiently(() =>
      api.page('listLedgerEntries', { query: { ...query, limit, cursor_after: cursor } }),
    );
    yield items;
    cursor = nextCursor;
  } while (cursor !== undefined);
}

async function patiently<Result>(ask: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (failure) {
      if (!isRetryable(failure) || attempt >= attemptsMax) throw failure;
      await after(pauseMs * attempt);
    }
  }
}
