import type { HttpConnection } from './commands/http-commands.js';
import { type PlatformKeys, readPlatformKeys } from './platform-keys.js';
import { sdkFailures } from './sdk-failures.js';

const timeoutMs = 10_000;

/**
 * Fetches the published keys and topics of a platform. They may be stored; fetch them again when the platform rotates
 * its keys.
 * @throws Failure `platform_unreachable` (retryable), `platform_keys_unreadable`
 */
export async function fetchPlatformKeys({ url, apiKey }: HttpConnection): Promise<PlatformKeys> {
  const place = `${url.replace(/\/$/, '')}/api/v1/platform-keys`;
  const answer = await fetch(place, {
    headers: { 'x-api-key': apiKey },
    signal: AbortSignal.timeout(timeoutMs),
  }).catch((cause: unknown) => {
    throw sdkFailures.platform_unreachable(url, 'the connection failed', cause);
  });
  const body: unknown = await answer.json().catch(() => undefined);
  if (!answer.ok) throw sdkFailures.platform_unreachable(place, `it answered ${String(answer.status)}`);
  return readPlatformKeys(body);
}
