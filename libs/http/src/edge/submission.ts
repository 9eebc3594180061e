import { Inject, Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import type { CommandOutcome } from '@ringfence/commands/command-dispatcher';
import { type CommandContext, type DecidedCommand, commandClasses } from '@ringfence/cqrs/public-command.handlers';
import type { CommandRequest } from '@ringfence/requests/command-request';
import type { RefusalCode } from '@ringfence/domain/refusals';
import type { Clock } from '@ringfence/kernel/clock';
import { type AccountId, type IdSource, platformStream, type StreamId } from '@ringfence/kernel/ids';
import { addDuration, durationMs } from '@ringfence/kernel/units';
import type { CommandBody, PublicCommandName } from '@ringfence/wire/public-commands';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { HttpProblem, presenterProblems, refusalProblems, retryAfterDefaultMs } from '../problem.js';
import { accountFor, callerOf } from './access.js';
import { commandNameOf } from './idempotency-key.js';
import { positionTokenOf } from './positions.js';
import { CLOCK, COMMAND_TOPICS, type CommandTopics, ID_SOURCE, LOG_NAME, type LogName } from './ports.js';
import { traceparentOf } from './traceparent.js';

/** Time after which an undecided command is refused. */
export const commandDeadlineMs = 5_000;

export const positionHeader = 'ringfence-position';

type Accepted<Name extends PublicCommandName> = {
  /** Position of the outcome, as a token. */
  readonly position: string;
  readonly result: CommandRequest['result'];
  /** True for an earlier outcome of the same Idempotency-Key. */
  readonly replayed: boolean;
  /** The request built from the body. */
  readonly commandRequest: DecidedCommand<Name>['commandRequest'];
};

/** Submits commands over the command bus, and turns outcomes into answers. */
@Injectable()
export class CommandSubmission {
  constructor(
    @Inject(CommandBus) private readonly commands: CommandBus,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(ID_SOURCE) private readonly ids: IdSource,
    @Inject(LOG_NAME) private readonly log: LogName,
    @Inject(COMMAND_TOPICS) private readonly topics: CommandTopics | null,
  ) {}

  /**
   * Settles when the command is decided and its events are durable. Sets the answer's headers: position in the log,
   * replay.
   * @param about the account concerned, or a stream of no account; null: the platform
   * @throws HttpProblem with the refusal's code, `validation_failed` for an invalid Idempotency-Key; InvalidField; the
   *   dispatcher's failures
   */
  async submit<Name extends PublicCommandName>(
    request: FastifyRequest,
    reply: FastifyReply,
    name: Name,
    body: CommandBody<Name>,
    about: StreamId | null,
  ): Promise<Accepted<Name>> {
    const command = new commandClasses[name](body, this.#contextOf(request, about));
    const { commandRequest, outcome } = await this.commands.execute(command);
    const position = positionTokenOf(this.log.logId, outcome.position);
    void reply.header(positionHeader, position);
    if (outcome.replayed) void reply.header('idempotent-replayed', 'true');
    if (!outcome.accepted) throw refused(outcome, commandRequest, position);
    return { position, result: outcome.result, replayed: outcome.replayed, commandRequest };
  }

  /**
   * Submits a command about the account in the path.
   * @throws HttpProblem `not_found` for an account that the caller does not see
   */
  async submitForAccount<Name extends PublicCommandName>(
    request: FastifyRequest,
    reply: FastifyReply,
    name: Name,
    body: CommandBody<Name>,
    accountIdText: string,
  ): Promise<Accepted<Name> & { readonly accountId: AccountId }> {
    const accountId = accountFor(callerOf(request), accountIdText, 'path');
    return { accountId, ...(await this.submit(request, reply, name, body, accountId)) };
  }

  #contextOf(request: FastifyRequest, about: StreamId | null): CommandContext {
    const { entry, mode, principal } = callerOf(request);
    const { key, chosenByClient } = commandNameOf(request, this.ids);
    return {
      stream: about ?? platformStream,
      keyId: entry.keyId,
      clientKey: key,
      principal,
      mode,
      // A generated key has no earlier outcome. If replies can be lost in transit, a retried request is nevertheless
      // compared with the first.
      idChosenByClient: chosenByClient,
      isFingerprinted: chosenByClient || this.topics !== null,
      deadlineMs: addDuration(this.clock.now(), durationMs(commandDeadlineMs)),
      traceparent: traceparentOf(request),
    };
  }
}

function refused(
  outcome: Extract<CommandOutcome, { accepted: false }>,
  { payload }: CommandRequest,
  position: string,
): HttpProblem {
  const { code, detail, retryAfterMs, limit } = outcome.refusal;
  const ownKey = 'keyId' in payload ? undefined : presenterProblems[code];
  const curedByTime = retryableRefusals.has(code) ? (retryAfterMs ?? retryAfterDefaultMs) : retryAfterMs;
  const headers =
    limit === undefined ? undefined : { 'ringfence-limit': `${limit.name};max=${limit.max};used=${limit.used}` };
  return new HttpProblem(code, ownKey ?? refusalProblems[code], detail, {
    position,
    ...(curedByTime === undefined ? {} : { retryAfterMs: curedByTime }),
    ...(headers === undefined ? {} : { headers }),
    ...(limit === undefined ? {} : { limitName: limit.name }),
  });
}

/** Refusals that are always answered with Retry-After. */
const retryableRefusals: ReadonlySet<RefusalCode> = new Set<RefusalCode>([
  'rate_limited',
  'lines_exhausted',
  'app_channels_exhausted',
  'number_erased',
  'deadline_passed',
  'overloaded',
]);
