import { cliFailures } from '../failures.js';
import { rootOf } from '../login/credentials.js';
import { isAnswer } from './json-reading.js';

export type ApiAnswer = { readonly status: number; readonly body: unknown; readonly headers: Headers };
export type ApiRequest = {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly body?: object;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly idempotencyKey?: string;
};

export interface ApiClient {
  readonly url: string;
  /** @throws Failure `server_unreachable` when nothing answers there */
  readonly find: () => Promise<void>;
  /** Any answer of the server. @throws Failure `server_unreachable` (retryable), `server_answer_unreadable` */
  readonly ask: (path: string, request?: ApiRequest) => Promise<ApiAnswer>;
  /** The body of a 2xx answer. @throws as `ask`, and Failure with the server's own code for every other status */
  readonly get: (path: string, request?: ApiRequest) => Promise<unknown>;
}

const answerWithinMs = 15_000;

/** @param url the server's root, or the address of its API, `/api/v1` below it */
export function apiClient(url: string, apiKey: string): ApiClient {
  const root = `${rootOf(url)}/api/v1`;

  async function ask(path: string, request: ApiRequest = {}): Promise<ApiAnswer> {
    const { method = 'GET', body, query = {}, idempotencyKey } = request;
    const target = new URL(`${root}${path}`);
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) target.searchParams.set(name, String(value));
    const answer = await fetch(target, {
      method,
      headers: {
        'x-api-key': apiKey,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(answerWithinMs),
    }).catch((cause: unknown) => {
      throw cliFailures.server_unreachable(url, cause);
    });
    return { status: answer.status, body: parsed(await answer.text()), headers: answer.headers };
  }

  async function get(path: string, request?: ApiRequest): Promise<unknown> {
    const answer = await ask(path, request);
    if (answer.status >= 200 && answer.status < 300) return answer.body;
    throw cliFailures.server_refused(...refusalIn(answer), answer.status === 429 || answer.status === 503);
  }

  async function find(): Promise<void> {
    const alive = fetch(`${rootOf(url)}/health/live`, { signal: AbortSignal.timeout(answerWithinMs) });
    await alive.catch((cause: unknown) => {
      throw cliFailures.server_unreachable(url, cause);
    });
  }

  return { url, find, ask, get };
}

/** The code and the message of an error body, in the Teler shape or that of RFC 9457. */
export function refusalIn({ status, body }: ApiAnswer): readonly [code: string, message: string] {
  const answer = isAnswer(body) ? body : {};
  const first = (...names: readonly string[]) =>
    names.map((name) => answer[name]).find((value): value is string => typeof value === 'string' && value !== '');
  const code = first('code', 'type') ?? `http_${String(status)}`;
  return [code, first('message', 'detail', 'title') ?? `the server answered ${String(status)}`];
}

function parsed(text: string): unknown {
  if (text === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    throw cliFailures.server_answer_unreadable('it is not JSON');
  }
}
