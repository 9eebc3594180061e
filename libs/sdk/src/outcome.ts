import type { CommandResult, PublicCommandName } from '@ringfence/wire/public-commands';

/** The outcome of a command: exactly one of these, whichever transport was used and however often it was sent. */
export type Outcome<Result> = Accepted<Result> | Refused | Unknown;

export type Accepted<Result> = {
  readonly status: 'accepted';
  readonly id: string;
  /** Opaque position; pass it to a read as `min_position` to see the effects of this command. */
  readonly position: string;
  /** True if the command had been accepted before under this id: this is the same outcome. */
  readonly replayed: boolean;
  readonly result: Result;
};

/** A refused command, with one reason; docs/backend.md lists the codes. */
export type Refused = {
  readonly status: 'refused';
  readonly id: string;
  readonly code: string;
  readonly detail: string;
  /** Time after which a retry may succeed; null: not stated. */
  readonly retryAfterMs: number | null;
};

/**
 * An unknown outcome: the command may have been carried out, or may still be. Retry with the same id: nothing happens
 * twice.
 */
export type Unknown = {
  readonly status: 'unknown';
  readonly id: string;
  readonly code: string;
  readonly detail: string;
};

/** Results of accepted commands. */
export type CommandResults = { readonly [Name in PublicCommandName]: CommandResult<Name> };
export type ResultOf<Name extends PublicCommandName> = CommandResults[Name];
