import type { SubmittedCommand } from '@ringfence/commands/command-dispatcher';
import { rejectionReport } from '@ringfence/commands/rejection-report';
import type { Clock } from '@ringfence/kernel/clock';
import { Failure } from '@ringfence/kernel/failure';
import type { IdSource } from '@ringfence/kernel/ids';
import { durationMs } from '@ringfence/kernel/units';
import type { MessageOffset } from '@ringfence/lanes/owned-lanes';
import type { ReplayOnly } from '@ringfence/lanes/pending-command';
import type { SubjectVault } from '@ringfence/ports/vault/subject-vault';
import { fromWire, sealedIn } from '../envelope/command-codec.js';
import type { RejectedCommand } from '../signed-commands/rejected-command.js';
import type { Requester } from '../signed-commands/signed-command-verifier.js';
import type { ClassifiedAs, ClassifiedMessage } from './command-reading.js';
import { type Reply, replyWithSecret } from './reply-event.js';

/** Time that the report of a rejected command may wait in its lane. */
const rejectionReportWithinMs = durationMs(600_000);

/** A command for a lane, and the way back to its requester. */
export type DispatchableCommand = {
  readonly place: MessageOffset;
  readonly replayOnly: ReplayOnly | null;
  readonly command: SubmittedCommand;
  readonly requester: Requester;
  readonly answer: (reply: Reply) => Reply;
};

export type DispatchableCommandsParts = {
  readonly vault: SubjectVault;
  readonly clock: Clock;
  readonly ids: Pick<IdSource, 'commandId'>;
  /** Names this process. */
  readonly instance: string;
};

/** Makes of classified messages the commands that a lane decides: values opened, rejections as their reports. */
export class DispatchableCommands {
  constructor(private readonly parts: DispatchableCommandsParts) {}

  /**
   * Returns what the lane has to decide, in its order.
   * @throws Failure `vault_unavailable` (retryable)
   */
  async of(read: readonly ClassifiedMessage[]): Promise<readonly DispatchableCommand[]> {
    const opened = (await this.#openAll(read.filter((each) => each.kind === 'carried'))).values();
    return read.flatMap((each): readonly DispatchableCommand[] => {
      switch (each.kind) {
        case 'carried': {
          const { replyTo, issuedAtMs: _issuedAtMs, payload, ...rest } = each.command;
          const values = opened.next().value ?? [];
          const command = { ...rest, payload: fromWire(payload, values) };
          const requester = { commandId: command.commandId, replyTo };
          const replayOnly = each.isCopy ? 'copy' : values.includes(null) ? 'erased' : null;
          return [{ place: each.place, replayOnly, command, requester, answer: (reply) => reply }];
        }
        case 'admitted': {
          const { place, isCopy, command, requester, secretJwe } = each;
          const replayOnly = isCopy ? 'copy' : null;
          return [{ place, replayOnly, command, requester, answer: (reply) => replyWithSecret(reply, secretJwe) }];
        }
        case 'rejected': {
          const { place, rejected, requester } = each;
          const failure = new Failure(rejected.code, rejected.detail, false);
          // That is said again, and nothing is done: a copy of it is like any other.
          return [
            { place, replayOnly: null, command: this.#reportOf(rejected), requester, answer: () => ({ failure }) },
          ];
        }
        case 'misplaced':
        case 'unreadable':
          return [];
      }
    });
  }

  /** The personal values of all commands in one question, by command. */
  async #openAll(commands: readonly ClassifiedAs<'carried'>[]): Promise<readonly (readonly (string | null)[])[]> {
    const sealed = commands.map(({ command }) => sealedIn(command.payload));
    const all = sealed.flat();
    const opened = all.length === 0 ? [] : await this.parts.vault.open(all);
    let next = 0;
    return sealed.map(({ length }) => {
      next += length;
      return opened.slice(next - length, next);
    });
  }

  /** An audit event in the stream of the account that it named. */
  #reportOf(rejected: RejectedCommand): SubmittedCommand {
    const { ids, instance, clock } = this.parts;
    return rejectionReport(
      { ...rejected, count: 1 },
      { ids, clock, workerId: `decider:${instance}` },
      rejectionReportWithinMs,
    );
  }
}
