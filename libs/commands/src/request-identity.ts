import type { DomainCommandType } from '@ringfence/domain/command';
import type { Mode } from '@ringfence/domain/shared/values';
import { canonicalJson } from '@ringfence/event-catalog/canonical-json';
import { type AccountId, type CommandId, type KeyId, parseCommandId, type StreamId } from '@ringfence/kernel/ids';
import { invariant } from '@ringfence/kernel/invariant';
import type { JsonObject } from '@ringfence/kernel/json';
import type { Unit } from '@ringfence/kernel/units';
import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';

/**
 * Identifies requests without keeping anything of them: what a client sent, and its id for it, are in the log and in
 * outcomes only as HMACs, because either may hold a phone number. The key must never change: outcomes are kept for
 * ever.
 */
export class RequestIdentity {
  readonly #key: KeyObject;

  /** @param key 32 bytes that outlive every rotation (`PostgresSubjectVault.durableKey`) */
  constructor(key: Uint8Array) {
    invariant(key.length === 32, 'the key of request identities is 256 bits long');
    this.#key = createSecretKey(key);
  }

  /**
   * Fingerprints a request: the same fields of the same command give the same 32 bytes, in whatever order they came.
   * @param fields what the client sent, and nothing that we added (no ids, no time)
   * @throws Failure `text_not_interchangeable`
   */
  fingerprint(commandType: DomainCommandType, fields: JsonObject): Uint8Array {
    return createHmac('sha256', this.#key)
      .update(`fields\0${commandType}\0${canonicalJson(fields)}`)
      .digest();
  }

  /**
   * The command id behind a client's own key: the same key from the same account and side of the wall between modes is
   * the same command, for ever. An id that was made up for the client stays as it is, except with a test key.
   * @param mode of the key that presents the command; null: an operator's, which shares its ids with the account's live
   * keys
   */
  commandIdFor(stream: StreamId, mode: Mode | null, clientKey: ClientKey): CommandId {
    // Ids of live commands are never derived in another way: their outcomes are kept for ever.
    if (mode === 'test') return this.#derived('test-client-key', stream, clientKey);
    // A generated id holds no personal value, and its recipient may repeat the request with it.
    if (madeUpPattern.test(clientKey)) return clientKey as string as CommandId;
    return this.#derived('client-key', stream, clientKey);
  }

  #derived(purpose: 'client-key' | 'test-client-key', stream: StreamId, clientKey: ClientKey): CommandId {
    const digest = createHmac('sha256', this.#key).update(`${purpose}\0${stream}\0${clientKey}`).digest('base64url');
    return `${clientCommandPrefix}${digest}` as CommandId;
  }

  /**
   * The id of an account that is to be opened under a client's own key: the same key of the same operator leads to the
   * same account.
   */
  accountIdFor(operator: KeyId, clientKey: ClientKey): AccountId {
    const digest = this.fingerprint('OpenAccount', { operator, key: clientKey });
    const text = [...digest.subarray(0, 26)].map((byte, at) => crockford[byte % (at === 0 ? 8 : 32)]).join('');
    return `acc_${text}` as AccountId;
  }
}

/** An Idempotency-Key or CloudEvents id as a client sent it: 1–255 printable ASCII characters. Stays at the edge. */
export type ClientKey = Unit<string, 'ClientKey'>;

/** undefined: it breaks the rule, and the request is malformed; it is not to be taken for one without a key. */
export function parseClientKey(text: string): ClientKey | undefined {
  return parseCommandId(text) === undefined ? undefined : (text as ClientKey);
}

const crockford = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** An id as `IdSource.commandId` makes them. */
const madeUpPattern = /^cmd_[0-7][0-9A-HJKMNP-TV-Z]{25}$/;
const clientCommandPrefix = 'idem_';

/** Compares in a time that does not depend on where they differ. */
export function sameFingerprint(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && timingSafeEqual(left, right);
}
