import { Failure } from '@ringfence/kernel/failure';
import type { KeyId, StreamId } from '@ringfence/kernel/ids';
import type { JsonObject } from '@ringfence/kernel/json';
import type { ParsedSecret } from '@ringfence/auth/key-secret';
import type { ClientKey } from '@ringfence/commands/request-identity';
import type { CommandPayload } from '@ringfence/commands/command-dispatcher';

/** What a client asked for, as a wish, whichever way it came: the same body gives the same fields, and so the same command. */
export type CommandRequest<Payload extends CommandPayload = CommandPayload> = {
  readonly stream: StreamId;
  readonly payload: Payload;
  /** What the client sent, for the fingerprint; nothing that we added. */
  readonly fields: JsonObject;
  /** The ids that the client gets back, now and whenever it asks again. */
  readonly result: JsonObject;
  /** What the client is shown once; null: there is none. Stands nowhere else. */
  readonly secret: ParsedSecret | null;
};

/** Who asks, and about what. */
export type RequestContext = {
  /** The account, or `platform`. */
  readonly stream: StreamId;
  readonly keyId: KeyId;
  /** What the client named its command by, or what was made up where it did not. */
  readonly clientKey: ClientKey;
};

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

/** The members that were sent, checked, as plain JSON. */
export function sentFields(body: object): JsonObject {
  return JSON.parse(JSON.stringify(body)) as JsonObject; // came from JSON, and its fields were checked
}
