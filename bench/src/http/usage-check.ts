import type { PlatformProcess } from '@ringfence/e2e/platform-process';
import type { LoadResult } from './load.js';

/**
 * Compares the usage of a key with the calls that were acknowledged; requests in flight when a load stopped may be
 * counted as well.
 * @param inFlightMax the most of those
 * @throws Error if usage has fewer calls, or more
 */
export async function checkUsage(
  platform: PlatformProcess,
  keyId: string,
  results: readonly LoadResult[],
  inFlightMax: number,
): Promise<void> {
  const acknowledged = results.reduce((sum, { statuses }) => sum + (statuses['202'] ?? 0), 0);
  const path = `/api/v1/usage?account_id=${platform.keys.accountId}&by=key&group_by=day`;
  const { json } = await platform.ask(platform.keys.adminKey, 'GET', path);
  const calls = callsOf(json, keyId);
  if (calls < acknowledged || calls > acknowledged + inFlightMax)
    throw new Error(
      `${String(acknowledged)} calls were acknowledged, usage has ${String(calls)}: ${JSON.stringify(json)}`,
    );
}

function callsOf(json: unknown, keyId: string): number {
  const rows = (json as { readonly data?: readonly Readonly<Record<string, unknown>>[] }).data ?? [];
  return rows.filter((row) => Object.values(row).includes(keyId)).reduce((sum, row) => sum + Number(row['calls']), 0);
}

/** @throws Error if a request was not accepted, or not answered */
export function onlyAccepted(result: LoadResult, what: string): LoadResult {
  const others = Object.keys(result.statuses).filter((status) => status !== '202');
  if (others.length > 0 || result.errors > 0) throw new Error(`${what}: ${JSON.stringify(result)}`);
  return result;
}
