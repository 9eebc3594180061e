import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import { InvalidField } from '@ringfence/requests/command-request';
import { Failure } from '@ringfence/kernel/failure';
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  edgeProblem,
  failureProblems,
  HttpProblem,
  problemOfStatus,
  retryAfterDefaultMs,
  rfc9457Body,
  status,
  telerBody,
} from '../problem.js';
import { isTwilioPath, twilioAnswer } from './twilio-errors.js';
import { retryKey } from './idempotency-key.js';
import type { RouteTable } from './route-table.js';

/** Called for faults of the server: a failure outside the catalogue, a broken invariant. */
export type OnFault = (fault: unknown, route: string) => void;

/** Writes every error of the server, in the format of its part of the API. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly routes: RouteTable,
    private readonly onFault: OnFault,
  ) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    this.answer(thrown, request, http.getResponse<FastifyReply>());
  }

  answer(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
    if (reply.sent) return;
    const problem = withRetryKey(this.#problemOf(thrown, request), request);
    const { status: answered, headers, body } = problemAnswer(problem, request.url);
    void reply.code(answered);
    for (const [name, value] of headers) void reply.header(name, value);
    void reply.send(body);
  }

  #problemOf(thrown: unknown, request: FastifyRequest): HttpProblem {
    if (thrown instanceof HttpProblem) {
      if (thrown.kind.status === status.internalError) this.onFault(thrown, routeOf(request));
      return thrown;
    }
    if (thrown instanceof InvalidField) return fieldProblem(thrown);
    if (thrown instanceof Failure) return this.#failure(thrown, request);
    if (thrown instanceof HttpException && thrown.getStatus() === status.notFound) return this.noRoute(request);
    if (isBrokenPath(thrown))
      return edgeProblem('path_malformed', 'a % in the path is followed by two hexadecimal digits of UTF-8');
    const answered = statusIn(thrown);
    if (answered !== undefined && answered < status.internalError) return problemOfStatus(answered);
    this.onFault(thrown, routeOf(request));
    return edgeProblem('internal_error', 'something went wrong on our side; it has been noted');
  }

  #failure(failure: Failure, request: FastifyRequest): HttpProblem {
    const kind = failureProblems[failure.code];
    if (kind === undefined) {
      this.onFault(failure, routeOf(request));
      return edgeProblem('internal_error', 'something went wrong on our side; it has been noted');
    }
    if (kind.status === status.unavailable) this.onFault(failure, routeOf(request));
    const extras = failure.retryable || kind.status === status.unavailable ? { retryAfterMs: retryAfterDefaultMs } : {};
    return new HttpProblem(failure.code, kind, failure.message, extras);
  }

  /** The problem of a path that does not exist, or not with this method. */
  noRoute(request: FastifyRequest): HttpProblem {
    const methods = this.routes.methodsAt(request.url);
    if (methods.length === 0) return edgeProblem('not_found', 'there is nothing at this path');
    return edgeProblem('method_not_allowed', `this path answers to ${methods.join(', ')}`, {
      headers: { allow: methods.join(', ') },
    });
  }
}

/** An error as it is written. Fastify and Node add the length and the headers of the connection. */
export type ProblemAnswer = {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
};

export function problemAnswer(problem: HttpProblem, url: string): ProblemAnswer {
  const { kind, extras } = problem;
  const retryAfterMs = extras.retryAfterMs ?? (kind.status === status.unavailable ? retryAfterDefaultMs : undefined);
  const twilio = isTwilioPath(url) ? twilioAnswer(problem) : undefined;
  const teler = isTelerPath(url);
  const isPlain = teler || twilio !== undefined;
  return {
    status: twilio?.status ?? kind.status,
    headers: [
      ...(extras.idempotencyKey === undefined ? [] : [['idempotency-key', extras.idempotencyKey] as const]),
      ...Object.entries(extras.headers ?? {}),
      ...(retryAfterMs === undefined
        ? []
        : [['retry-after', String(Math.max(1, Math.ceil(retryAfterMs / 1_000)))] as const]),
      ['cache-control', 'no-store'],
      ['content-type', isPlain ? 'application/json; charset=utf-8' : 'application/problem+json; charset=utf-8'],
    ],
    body: JSON.stringify(twilio?.body ?? (teler ? telerBody(problem) : rfc9457Body(problem, url))),
  };
}

/** Adds the key for a retry of the request, if the outcome of its command is unknown. */
function withRetryKey(problem: HttpProblem, request: FastifyRequest): HttpProblem {
  const { code, kind, extras } = problem;
  if (kind.status !== status.unavailable && kind.status !== status.gatewayTimeout) return problem;
  const idempotencyKey = retryKey(request);
  if (idempotencyKey === undefined) return problem;
  const detail = kind.status === status.gatewayTimeout ? noReply : problem.detail;
  return new HttpProblem(code, kind, detail, { ...extras, idempotencyKey });
}

const noReply =
  'no reply came in time, and it is not known whether the command was carried out: retry with the Idempotency-Key in idempotency_key';

function fieldProblem({ path, rule, detail, message }: InvalidField): HttpProblem {
  return edgeProblem('validation_failed', message, { errors: [{ in: 'body', path, rule, detail }] });
}

const telerRoots = ['voice', 'calls', 'secrets', 'sip', 'virtual-numbers', 'events'].map((name) => `/api/v1/${name}`);

/** Tests whether errors on this path have Teler's form; others are problems of RFC 9457. */
export function isTelerPath(url: string): boolean {
  const path = url.split('?', 1)[0] ?? url;
  return telerRoots.some((root) => path === root || path.startsWith(`${root}/`)) && !path.endsWith('/authorization');
}

function routeOf(request: FastifyRequest): string {
  return `${request.method} ${request.routeOptions.url ?? '(no route)'}`;
}

/** Tests whether the router could not decode the path. */
function isBrokenPath(thrown: unknown): boolean {
  return typeof thrown === 'object' && thrown !== null && 'code' in thrown && thrown.code === 'FST_ERR_BAD_URL';
}

/** The status of an error from Fastify or Nest. */
function statusIn(thrown: unknown): number | undefined {
  if (thrown instanceof HttpException) return thrown.getStatus();
  if (typeof thrown !== 'object' || thrown === null || !('statusCode' in thrown)) return undefined;
  return typeof thrown.statusCode === 'number' ? thrown.statusCode : undefined;
}
