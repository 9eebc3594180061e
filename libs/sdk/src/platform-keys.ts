import { isRecord } from '@ringfence/event-catalog/shape-codec';
import { type LogId, parseLogId } from '@ringfence/kernel/ids';
import { audienceOf } from '@ringfence/wire/signed-command';
import { sdkFailures } from './sdk-failures.js';

/**
 * The answer of `GET /api/v1/platform-keys`: the audience to sign for, the keys to encrypt to, and the topics. It may
 * be stored with the service's own settings.
 */
export type PlatformKeys = {
  readonly audience: string;
  readonly encryption: { readonly keys: readonly EncryptionKey[] };
  readonly topics: {
    readonly commands: string;
    readonly replies: string;
    readonly events: string;
    /** null: the platform's release has its watermarks in the topic of events */
    readonly watermarks: string | null;
  };
  readonly partitions: number;
};
/** A key to encrypt to; the first in the list is the current one. */
export type EncryptionKey = { readonly kty: 'OKP'; readonly crv: 'X25519'; readonly x: string; readonly kid: string };

const partitionsMax = 100_000;
const audiencePrefix = audienceOf('' as LogId);

/** @throws Failure `platform_keys_unreadable` */
export function readPlatformKeys(body: unknown): PlatformKeys {
  if (!isRecord(body)) throw sdkFailures.platform_keys_unreadable('it is no object');
  const { audience, encryption, topics, partitions } = body;
  if (typeof audience !== 'string' || logIdIn(audience) === undefined)
    throw sdkFailures.platform_keys_unreadable('audience names no log');
  if (typeof partitions !== 'number' || !Number.isInteger(partitions) || partitions < 1 || partitions > partitionsMax)
    throw sdkFailures.platform_keys_unreadable('partitions is no count');
  const keys = isRecord(encryption) && Array.isArray(encryption['keys']) ? encryption['keys'].map(encryptionKey) : [];
  if (keys.length === 0) throw sdkFailures.platform_keys_unreadable('encryption has no key');
  const named = (name: string): string => {
    const topic = isRecord(topics) ? topics[name] : undefined;
    if (typeof topic !== 'string' || topic === '')
      throw sdkFailures.platform_keys_unreadable(`topics.${name} is missing`);
    return topic;
  };
  return {
    audience,
    encryption: { keys },
    topics: {
      commands: named('commands'),
      replies: named('replies'),
      events: named('events'),
      watermarks: isRecord(topics) && 'watermarks' in topics ? named('watermarks') : null,
    },
    partitions,
  };
}

/** @returns undefined: the audience names no log */
export function logIdIn(audience: string): LogId | undefined {
  return audience.startsWith(audiencePrefix) ? parseLogId(audience.slice(audiencePrefix.length)) : undefined;
}

function encryptionKey(raw: unknown): EncryptionKey {
  const { kty, crv, x, kid } = isRecord(raw) ? raw : {};
  if (kty !== 'OKP' || crv !== 'X25519' || typeof x !== 'string' || typeof kid !== 'string')
    throw sdkFailures.platform_keys_unreadable('a key of encryption is no X25519 key with a kid');
  return { kty, crv, x, kid };
}
