import type { CommandBody, PublicCommandName } from '@ringfence/wire/public-commands';
import type { ResultOf } from '../outcome.js';
import type { Attempt } from '../retry.js';

/** One command as it is asked for; the same each time it is. */
export type Asked<Name extends PublicCommandName> = {
  readonly name: Name;
  readonly body: CommandBody<Name>;
  readonly id: string;
  /** The account that it is about, or `platform`. */
  readonly subject: string;
};

/** A way to the platform. */
export interface CommandWay {
  /** Asks once. Never rejects for what an answer, or its absence, says. */
  attempt<Name extends PublicCommandName>(asked: Asked<Name>, timeoutMs: number): Promise<Attempt<ResultOf<Name>>>;
  close(): Promise<void>;
}
