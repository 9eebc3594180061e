import type { DomainCommandType } from '@ringfence/domain/command';
import type { Mode } from '@ringfence/domain/shared/values';
import { canonicalJson } from '@ringfence/event-catalog/canonical-json';
import { HmacSha256 } from '@ringfence/runtime/hmac-sha256';
import {
  type AccountId,
  type CommandId,
  type KeyId,
  parseCommandId,
  parseGeneratedCommandId,
  type StreamId,
} from '@ringfence/kernel/ids';
import { invariant } from '@ringfence/kernel/invariant';
import type { JsonObject } from '@ringfence/kernel/json';
import type { Unit } from '@ringfence/kernel/units';
import { timingSafeEqual } from 'node:crypto';

/**
 * Identifies requests without keeping their contents: fields and client ids are in the log and in outcomes only as
 * HMACs, because either may contain a phone number. The key must never change, because outcomes are kept for ever.
 */
export class RequestIdentity {
  readonly #hmac: HmacSha256;

  /** @param key 32 bytes that outlive every rotation (`PostgresSubjectVault.durableKey`) */
  constructor(key: Uint8Array) {
    invariant(key.length === 32, 'the key of request identities is 256 bits long');
    this.#hmac = new HmacSha256(key);
  }

  /**
   * Fingerprints a request: the same fields of the same command give the same 32 bytes, in any order.
   * @param fields the fields that the client sent, and none that we added (no ids, no time)
   * @throws Failure `text_not_interchangeable`
   */
  fingerprint(commandType: DomainCommandType, fields: JsonObject): Uint8Array {
    return this.#hmac.digest(`fields\0${commandType}\0${canonicalJson(fields)}`);
  }

  /**
   * Derives the command id from a client's idempotency key: the same key from the same account and mode identifies the
   * same command, for ever. A generated id is used unchanged, except with a test key.
   * @param mode the mode of the presented key; null: an operator's key, which shares ids with the account's live keys
   */
  commandIdFor(stream: StreamId, mode: Mode | null, clientKey: ClientKey): CommandId {
    // The derivation for live commands must never change, because their outcomes are kept for ever.
    if (mode === 'test') return this.#derived('test-client-key', stream, clientKey);
    // A generated id holds no personal value, and the client may retry the request with it.
    if (parseGeneratedCommandId(clientKey) !== undefined) return clientKey as string as CommandId;
    return this.#derived('client-key', stream, clientKey);
  }

  #derived(purpose: 'client-key' | 'test-client-key', stream: StreamId, clientKey: ClientKey): CommandId {
    const digest = this.#hmac.digest(`${purpose}\0${stream}\0${clientKey}`).toString('base64url');
    return `${clientCommandPrefix}${digest}` as CommandId;
  }

  /**
   * Derives the id of an account to be opened from a client's idempotency key: the same key of the same operator leads
   * to the same account.
   */
  accountIdFor(operator: KeyId, clientKey: ClientKey): AccountId {
    const digest = this.fingerprint('OpenAccount', { operator, key: clientKey });
    const text = [...digest.subarray(0, 26)].map((byte, at) => crockford[byte % (at === 0 ? 8 : 32)]).join('');
    return `acc_${text}` as AccountId;
  }
}

/** An Idempotency-Key or CloudEvents id as sent: 1–255 printable ASCII characters. Never goes beyond the edge. */
export type ClientKey = Unit<string, 'ClientKey'>;

/** @returns undefined: the text is invalid, and so is the request; it must not be treated as one without a key */
export function parseClientKey(text: string): ClientKey | undefined {
  return parseCommandId(text) === undefined ? undefined : (text as ClientKey);
}

const crockford = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const clientCommandPrefix = 'idem_';

/** Compares in constant time. */
export function sameFingerprint(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && timingSafeEqual(left, right);
}
