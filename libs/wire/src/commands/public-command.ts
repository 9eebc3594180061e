import type { DomainCommandType } from '@ringfence/domain/command';
import type { JsonObject } from '@ringfence/kernel/json';
import type { CommandFields } from './command-field.js';
import type { PlainResult } from './command-result.js';

export type CommandRoute = {
  readonly method: 'POST' | 'PATCH' | 'DELETE';
  /**
   * Path of the route. `:subject` is the account that the command is about; another parameter is a field that is in the
   * path instead of the body.
   */
  readonly path: string;
};

/** A command that a client may give, as the client sees it: the part of its definition that the SDK needs too. */
export type PublicCommand = {
  /** Name in the type `ringfence.command.<name>.v1`. */
  readonly name: string;
  /** The command decided by its lane. */
  readonly commandType: DomainCommandType;
  readonly fields: CommandFields;
  /** A complete body that the route accepts as it is. */
  readonly example: JsonObject;
  /** True if the answer contains a secret, so that a signed command has to name a key for the reply. */
  readonly answersSecret: boolean;
  readonly route: CommandRoute;
  /** Converts the answer to an accepted command into the SDK's result. */
  readonly result: (answer: PlainResult) => object;
};
