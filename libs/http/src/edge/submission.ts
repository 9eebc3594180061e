import { Inject, Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { RequestIdentity } from '@ringfence/commands/request-identity';
import type { CommandOutcome, SubmittedCommand } from '@ringfence/commands/command-dispatcher';
import { SubmitCommand } from '@ringfence/cqrs/submit-command.handlers';
import type { RequestContext, CommandRequest } from '@ringfence/requests/command-request';
import type { RefusalCode } from '@ringfence/domain/refusals';
import type { Clock } from '@ringfence/kernel/clock';
import type { IdSource, StreamId } from '@ringfence/kernel/ids';
import type { EpochMs } from '@ringfence/kernel/units';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { HttpProblem, presenterProblems, refusalProblems, retryAfterDefaultMs } from '../problem.js';
import type { Caller } from './access.js';
import { commandNameOf } from './idempotency-key.js';
import { positionToken } from './positions.js';
import { CLOCK, COMMAND_TOPICS, type CommandTopics, ID_SOURCE, LOG_NAME, type LogName } from './ports.js';

/** A command not decided by then is refused, not decided late. */
export const commandDeadlineMs = 5_000;

export const positionHeader = 'ringfence-position';

export type Accepted = {
  /** As a token. */
  readonly position: string;
  readonly result: CommandRequest['result'];
  /** An earlier outcome of the same Idempotency-Key. */
  readonly replayed: boolean;
};

const noFingerprint = new Uint8Array(0);

/** Turns a request into a command and its outcome into an answer. */
@Injectable()
export class CommandSubmission {
  constructor(
    @Inject(CommandBus) private readonly commands: CommandBus,
    @Inject(RequestIdentity) private readonly identity: RequestIdentity,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(ID_SOURCE) private readonly ids: IdSource,
    @Inject(LOG_NAME) private readonly log: LogName,
    @Inject(COMMAND_TOPICS) private readonly topics: CommandTopics | null,
  ) {}

  /**
   * Settles when the command is decided and its events are durable. The answer's headers say where it stands in the log.
   * @throws HttpProblem with the refusal's code; Failure as the dispatcher's
   */
  async submit(caller: Caller, draft: CommandRequest, request: FastifyRequest, reply: FastifyReply): Promise<Accepted> {
    const outcome = await this.commands.execute(new SubmitCommand(this.#command(caller, draft, request)));
    const position = positionToken(this.log.logId, outcome.position);
    void reply.header(positionHeader, position);
    if (outcome.replayed) void reply.header('idempotent-replayed', 'true');
    if (!outcome.accepted) throw refused(outcome, draft, position);
    return { position, result: outcome.result, replayed: outcome.replayed };
  }

  /** What a draft is made for. @throws HttpProblem `validation_failed` for an Idempotency-Key that is none */
  asking({ entry }: Caller, stream: StreamId, request: FastifyRequest): RequestContext {
    return { stream, keyId: entry.keyId, clientKey: commandNameOf(request, this.ids).key };
  }

  #command(caller: Caller, draft: CommandRequest, request: FastifyRequest): SubmittedCommand {
    const { stream, payload, fields, result } = draft;
    const { key, chosenByClient } = commandNameOf(request, this.ids);
    return {
      commandId: this.identity.commandIdFor(stream, caller.mode, key),
      // A key that was made up here has no earlier outcome. Who asks again with it is compared, where answers may be lost on their way.
      idChosenByClient: chosenByClient,
      fingerprint:
        chosenByClient || this.topics !== null ? this.identity.fingerprint(payload.type, fields) : noFingerprint,
      stream,
      by: caller.presenter,
      payload,
      result,
      deadlineMs: (this.clock.now() + commandDeadlineMs) as EpochMs,
      traceparent: traceparentOf(request),
    };
  }
}

const traceparentPattern = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** W3C trace context of the request; one that is not right is as good as none. */
export function traceparentOf({ headers: { traceparent } }: FastifyRequest): string | null {
  return typeof traceparent === 'string' && traceparentPattern.test(traceparent) ? traceparent : null;
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

/** Refusals whose answer always says when to try again. */
const retryableRefusals: ReadonlySet<RefusalCode> = new Set<RefusalCode>([
  'rate_limited',
  'lines_exhausted',
  'number_erased',
  'deadline_passed',
  'overloaded',
]);
