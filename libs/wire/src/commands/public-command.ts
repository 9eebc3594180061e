import type { DomainCommandType } from '@ringfence/domain/command';
import type { JsonObject } from '@ringfence/kernel/json';
import type { CommandFields } from './command-field.js';
import type { PlainResult } from './command-result.js';

export type CommandRoute = {
  readonly method: 'POST' | 'PATCH';
  /** `:subject`: the account that the command is about; another name: a field in the path instead of the body. */
  readonly path: string;
};

/** A command that a client may give, as the client sees it: the half of its definition that the SDK needs too. */
export type PublicCommand = {
  /** Name in the type `ringfence.command.<name>.v1`. */
  readonly name: string;
  /** The command that its lane decides. */
  readonly commandType: DomainCommandType;
  readonly fields: CommandFields;
  /** A complete body over HTTP that its route accepts as it is. */
  readonly example: JsonObject;
  /** True if its answer holds a secret, so that a signed one has to name a key for the reply. */
  readonly answersSecret: boolean;
  readonly route: CommandRoute;
  /** Converts the answer to an accepted command into the SDK's result. */
  readonly result: (answer: PlainResult) => object;
};
