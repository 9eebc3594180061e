import { Inject, Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { parseClientKey, RequestIdentity } from '@ringfence/application/idempotency/request-identity';
import type { CommandOutcome, SubmittedCommand, Wish } from '@ringfence/application/lane/command-dispatcher';
import { SubmitCommand } from '@ringfence/application/lane/submit-command.handlers';
import type { RefusalCode } from '@ringfence/domain/refusals';
import type { Clock } from '@ringfence/kernel/clock';
import { type AccountId, type CommandId, type IdSource, parseAccountId, type StreamId } from '@ringfence/kernel/ids';
import type { JsonObject } from '@ringfence/kernel/json';
import type { EpochMs } from '@ringfence/kernel/units';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { edgeProblem, HttpProblem, presenterProblems, refusalProblems, retryAfterDefaultMs } from '../problem.js';
import type { Caller } from './access.js';
import { positionToken } from './positions.js';
import { CLOCK, ID_SOURCE, LOG_NAME, type LogName } from './ports.js';

/** A command not decided by then is refused, not decided late. */
export const commandDeadlineMs = 5_000;

export const positionHeader = 'ringfence-position';

export type Wanted = {
  readonly caller: Caller;
  readonly stream: StreamId;
  readonly wish: Wish;
  /** What the client sent, for the fingerprint; nothing that we added. */
  readonly fields: JsonObject;
  /** The ids that the client gets back, now and whenever it asks again. */
  readonly result: JsonObject;
};

export type Accepted = {
  /** As a token. */
  readonly position: string;
  readonly result: JsonObject;
  /** An earlier outcome of the same Idempotency-Key. */
  readonly replayed: boolean;
};

const crockford = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const noFingerprint = new Uint8Array(0);

/** Turns a request into a command and its outcome into an answer. */
@Injectable()
export class CommandSubmission {
  constructor(
    @Inject(CommandBus) private readonly commands: CommandBus,
    @Inject(RequestIdentity) private readonly identity: RequestIdentity,
    @Inject(ID_SOURCE) private readonly ids: IdSource,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOG_NAME) private readonly log: LogName,
  ) {}

  /**
   * Settles when the command is decided and its events are durable. The answer's headers say where it stands in the log.
   * @throws HttpProblem with the refusal's code; Failure as the dispatcher's
   */
  async submit(wanted: Wanted, request: FastifyRequest, reply: FastifyReply): Promise<Accepted> {
    const outcome = await this.commands.execute(new SubmitCommand(this.#command(wanted, request)));
    const position = positionToken(this.log.logId, outcome.position);
    void reply.header(positionHeader, position);
    if (outcome.replayed) void reply.header('idempotent-replayed', 'true');
    if (!outcome.accepted) throw refused(outcome, wanted, position);
    return { position, result: outcome.result, replayed: outcome.replayed };
  }

  /** The id of an account that is to be opened under a client's own key: the same key of the same operator leads to the same account. */
  accountIdFor(caller: Caller, request: FastifyRequest): AccountId | undefined {
    const clientKey = idempotencyKeyOf(request);
    if (clientKey === undefined) return undefined;
    const digest = this.identity.fingerprint('OpenAccount', { operator: caller.entry.keyId, key: clientKey });
    const text = [...digest.subarray(0, 26)].map((byte, at) => crockford[byte % (at === 0 ? 8 : 32)]).join('');
    return parseAccountId(`acc_${text}`);
  }

  #command({ caller, stream, wish, fields, result }: Wanted, request: FastifyRequest): SubmittedCommand {
    const clientKey = idempotencyKeyOf(request);
    return {
      commandId: this.#commandId(stream, clientKey),
      idChosenByClient: clientKey !== undefined,
      // Without a key of the client's own nothing can come twice, and nothing is compared.
      fingerprint: clientKey === undefined ? noFingerprint : this.identity.fingerprint(wish.type, fields),
      stream,
      by: caller.presenter,
      wish,
      result,
      deadlineMs: (this.clock.now() + commandDeadlineMs) as EpochMs,
      traceparent: traceparentOf(request),
    };
  }

  #commandId(stream: StreamId, clientKey: ReturnType<typeof idempotencyKeyOf>): CommandId {
    return clientKey === undefined ? this.ids.commandId() : this.identity.commandIdFor(stream, clientKey);
  }
}

function idempotencyKeyOf({ headers }: FastifyRequest) {
  const text = headers['idempotency-key'];
  if (text === undefined) return undefined;
  const key = typeof text === 'string' ? parseClientKey(text) : undefined;
  if (key !== undefined) return key;
  throw edgeProblem('validation_failed', 'Idempotency-Key has 1 to 255 printable ASCII characters', {
    errors: [
      {
        in: 'header',
        path: ['Idempotency-Key'],
        rule: 'idempotency_key',
        detail: 'has 1 to 255 printable ASCII characters',
      },
    ],
  });
}

const traceparentPattern = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** W3C trace context of the request; one that is not right is as good as none. */
export function traceparentOf({ headers: { traceparent } }: FastifyRequest): string | null {
  return typeof traceparent === 'string' && traceparentPattern.test(traceparent) ? traceparent : null;
}

function refused(
  outcome: Extract<CommandOutcome, { accepted: false }>,
  { wish }: Wanted,
  position: string,
): HttpProblem {
  const { code, detail, retryAfterMs, limit } = outcome.refusal;
  const ownKey = 'keyId' in wish ? undefined : presenterProblems[code];
  const curedByTime = timeCures.has(code) ? (retryAfterMs ?? retryAfterDefaultMs) : retryAfterMs;
  const headers =
    limit === undefined ? undefined : { 'ringfence-limit': `${limit.name};max=${limit.max};used=${limit.used}` };
  return new HttpProblem(code, ownKey ?? refusalProblems[code], detail, {
    position,
    ...(curedByTime === undefined ? {} : { retryAfterMs: curedByTime }),
    ...(headers === undefined ? {} : { headers }),
  });
}

/** Refusals whose answer always says when to try again. */
const timeCures: ReadonlySet<RefusalCode> = new Set<RefusalCode>([
  'rate_limited',
  'lines_exhausted',
  'deadline_passed',
  'overloaded',
]);
