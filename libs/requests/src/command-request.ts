import type { ZoneAgreement } from '@ringfence/calendar/database-zones';
import type { SecretHasher } from '@ringfence/auth/secret-hasher';
import type { CommandPayload, CommandPayloadOf } from '@ringfence/commands/command-dispatcher';
import type { ClientKey, RequestIdentity } from '@ringfence/commands/request-identity';
import type { Calendar } from '@ringfence/domain/shared/calendar';
import { Failure } from '@ringfence/kernel/failure';
import { type AccountId, type IdSource, type KeyId, parseAccountId, type StreamId } from '@ringfence/kernel/ids';
import type { JsonObject } from '@ringfence/kernel/json';
import type { SubjectVault } from '@ringfence/ports/vault/subject-vault';
import type { CommandBody, PublicCommandName, publicCommands } from '@ringfence/wire/public-commands';
import type { KeyFinder } from './key-finder.js';

/**
 * A client's command before its lane decides it, whichever way it arrived: the same body gives the same fields, and so
 * the same command.
 */
export type CommandRequest<Payload extends CommandPayload = CommandPayload> = {
  readonly stream: StreamId;
  readonly payload: Payload;
  /** Fields that the client sent, for the fingerprint; none of those that the platform added. */
  readonly fields: JsonObject;
  /** Ids returned to the client, now and at every retry. */
  readonly result: JsonObject;
  /** Secret shown to the client once, and kept nowhere else; null: there is none. */
  readonly secret: RequestSecret | null;
};

/** A secret in clear: of a key, or of webhooks. */
export type RequestSecret = { readonly text: string };

/** Account and principal of a request. */
export type RequestContext = {
  /** The account, or `platform`. */
  readonly stream: StreamId;
  readonly keyId: KeyId;
  /** The client's name for its command, or a generated one if it gave none. */
  readonly clientKey: ClientKey;
};

export type RequestParts = {
  readonly vault: SubjectVault;
  readonly ids: IdSource;
  readonly hasher: SecretHasher;
  readonly keys: KeyFinder;
  readonly identity: RequestIdentity;
  readonly calendar: Calendar;
  readonly zones: ZoneAgreement;
};

export type RequestOf<Name extends PublicCommandName> = CommandRequest<
  CommandPayloadOf<(typeof publicCommands)[Name]['commandType']>
>;

/**
 * Builds a request from a checked body. Personal values are sealed; the same body gives the same fields over HTTP and
 * in a signed command.
 * @throws InvalidField; Failure `vault_unavailable`, `event_store_unavailable`, `database_unavailable` (retryable)
 */
export type RequestBuilder<Name extends PublicCommandName, Needed extends keyof RequestParts = never> = (
  body: CommandBody<Name>,
  context: RequestContext,
  parts: Pick<RequestParts, Needed>,
) => RequestOf<Name> | Promise<RequestOf<Name>>;

/** A body whose fields are valid one by one but not together. Contains nothing of what was sent. */
export class InvalidField extends Failure {
  constructor(
    /** Member names from the root of the body. */
    readonly path: readonly string[],
    readonly rule: string,
    detail: string,
  ) {
    super('command_field_invalid', `${path.join('.')}: ${detail}`, false);
    this.detail = detail;
  }

  readonly detail: string;
}

/** Builds a request whose result is only the account's id. */
export function accountRequest<Payload extends CommandPayload & { readonly accountId: AccountId }>(
  payload: Payload,
  fields: JsonObject,
): CommandRequest<Payload> {
  const { accountId } = payload;
  return { stream: accountId, payload, fields, result: { account_id: accountId }, secret: null };
}

/** @throws InvalidField: the command is about an account, and `stream` is the platform's */
export function accountOfStream(stream: StreamId): AccountId {
  const accountId = parseAccountId(stream);
  if (accountId !== undefined) return accountId;
  throw new InvalidField(['subject'], 'account', 'is the id of the account that the command is about');
}

/** Returns the sent members, which were checked, as plain JSON. */
export function sentFields(body: object): JsonObject {
  return JSON.parse(JSON.stringify(body)) as JsonObject; // came from JSON, and its fields were checked
}
