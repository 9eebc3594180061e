import type { CommandBody, PublicCommandName } from '@ringfence/wire/public-commands';
import type { ResultOf } from '../outcome.js';
import type { Attempt } from '../retry.js';

/** One command, the same at each attempt. */
export type OutgoingCommand<Name extends PublicCommandName> = {
  readonly name: Name;
  readonly body: CommandBody<Name>;
  readonly id: string;
  /** The account that the command is about, or `platform`. */
  readonly subject: string;
};

/** A transport to the platform. */
export interface CommandTransport {
  /** Makes one attempt. Never rejects because of an answer or a missing one. */
  attempt<Name extends PublicCommandName>(
    command: OutgoingCommand<Name>,
    timeoutMs: number,
  ): Promise<Attempt<ResultOf<Name>>>;
  close(): Promise<void>;
}
