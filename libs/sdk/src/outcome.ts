import type { CommandResult, PublicCommandName } from '@ringfence/wire/public-commands';

/** What became of a command: exactly one of these, whichever way it was asked for and however often. */
export type Outcome<Result> = Accepted<Result> | Refused | Unknown;

export type Accepted<Result> = {
  readonly status: 'accepted';
  readonly id: string;
  /** Opaque: hand it to a read as `min_position` to see what this command did. */
  readonly position: string;
  /** It had been accepted before, under this id: this is the same outcome. */
  readonly replayed: boolean;
  readonly result: Result;
};

/** Turned down, for one reason; docs/backend.md lists the codes. */
export type Refused = {
  readonly status: 'refused';
  readonly id: string;
  readonly code: string;
  readonly detail: string;
  /** When it may be otherwise; null: it does not say. */
  readonly retryAfterMs: number | null;
};

/** It may have been carried out, or be carried out yet. Ask again with the same id: nothing happens twice. */
export type Unknown = {
  readonly status: 'unknown';
  readonly id: string;
  readonly code: string;
  readonly detail: string;
};

/** What an accepted command answers. */
export type CommandResults = { readonly [Name in PublicCommandName]: CommandResult<Name> };
export type ResultOf<Name extends PublicCommandName> = CommandResults[Name];
