import type { ZoneAgreement } from '@ringfence/calendar/database-zones';
import type { ParsedSecret } from '@ringfence/auth/key-secret';
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
 * A client's command before its lane decides it, whichever way it came: the same body gives the same fields, and so the
 * same command.
 */
export type CommandRequest<Payload extends CommandPayload = CommandPayload> = {
  readonly stream: StreamId;
  readonly payload: Payload;
  /** Fields that the client sent, for the fingerprint; nothing that we added. */
  readonly fields: JsonObject;
  /** Ids that the client gets back, now and at every retry. */
  readonly result: JsonObject;
  /** Secret that the client is shown once; null: there is none. It is nowhere else. */
  readonly secret: ParsedSecret | null;
};

/** Account and principal of a request. */
export type RequestContext = {
  /** The account, or `platform`. */
  readonly stream: StreamId;
  readonly keyId: KeyId;
  /** The client's name for its command, or one that was made up where it gave none. */
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
 * Makes a request of a checked body. Personal values are sealed; the same body gives the same fields over HTTP and in a
 * signed command.
 * @throws InvalidField; Failure `vault_unavailable`, `event_store_unavailable`, `database_unavailable` (retryable)
 */
export type RequestBuilder<Name extends PublicCommandName, Needed extends keyof RequestParts = never> = (
  body: CommandBody<Name>,
  context: RequestContext,
  parts: Pick<RequestParts, Needed>,
) => RequestOf<Name> | Promise<RequestOf<Name>>;

/** A body whose fields are right one by one and that is wrong all the same. Holds nothing of what was sent. */
export class InvalidField extends Failure {
  constructor(
    /** Names from the root of the body. */
    readonly path: readonly string[],
    readonly rule: string,
    detail: string,
  ) {
    super('command_field_invalid', `${path.join('.')}: ${detail}`, false);
    this.detail = detail;
  }

  readonly detail: string;
}

/** The request that answers with the account's id alone. */
export function accountRequest<Payload extends CommandPayload & { readonly accountId: AccountId }>(
  payload: Payload,
  fields: JsonObject,
): CommandRequest<Payload> {
  const { accountId } = payload;
  return { stream: accountId, payload, fields, result: { account_id: accountId }, secret: null };
}

/** @throws InvalidField: the command is about an account, and the platform is none */
export function accountOfStream(stream: StreamId): AccountId {
  const accountId = parseAccountId(stream);
  if (accountId !== undefined) return accountId;
  throw new InvalidField(['subject'], 'account', 'is the id of the account that the command is about');
}

/** The members that were sent, checked, as plain JSON. */
export function sentFields(body: object): JsonObject {
  return JSON.parse(JSON.stringify(body)) as JsonObject; // came from JSON, and its fields were checked
}
