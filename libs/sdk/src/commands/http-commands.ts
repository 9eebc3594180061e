import { isRecord } from '@ringfence/event-catalog/shape-codec';
import type { PublicCommandName } from '@ringfence/wire/public-commands';
import type { ResultOf } from '../outcome.js';
import type { Retryable, Attempt } from '../retry.js';
import { resultOf } from './command-results.js';
import type { OutgoingCommand, CommandTransport } from './command-transport.js';
import { requestOf } from './http-routes.js';

export type HttpConnection = {
  /** Root of the platform's HTTP API. */
  readonly url: string;
  /** Secret of an API key. */
  readonly apiKey: string;
};

const positionHeader = 'ringfence-position';
const replayedHeader = 'idempotent-replayed';
/** Statuses of an unknown outcome or of an undecided command: the same id may be retried. */
const retryableStatuses: ReadonlySet<number> = new Set([408, 500, 502, 503, 504]);

/** Commands as HTTP requests: the id is the Idempotency-Key. */
export class HttpCommands implements CommandTransport {
  readonly #closing = new AbortController();

  constructor(private readonly connection: HttpConnection) {}

  async attempt<Name extends PublicCommandName>(
    command: OutgoingCommand<Name>,
    timeoutMs: number,
  ): Promise<Attempt<ResultOf<Name>>> {
    const { method, path, body } = requestOf(command);
    const late = AbortSignal.timeout(timeoutMs);
    const { url, apiKey } = this.connection;
    try {
      const answer = await fetch(`${url.replace(/\/$/, '')}/api/v1${path}`, {
        method,
        headers: { 'x-api-key': apiKey, 'content-type': 'application/json', 'idempotency-key': command.id },
        body: JSON.stringify(body),
        signal: AbortSignal.any([this.#closing.signal, late]),
      });
      const json: unknown = await answer.json().catch(() => undefined);
      return this.#read(command, answer, isRecord(json) ? json : undefined);
    } catch {
      const code = late.aborted ? 'reply_timeout' : 'platform_unreachable';
      return { code, detail: `no answer came from ${url}: it is not known what became of it`, retryAfterMs: null };
    }
  }

  close(): Promise<void> {
    this.#closing.abort();
    return Promise.resolve();
  }

  #read<Name extends PublicCommandName>(
    command: OutgoingCommand<Name>,
    answer: Response,
    json: Readonly<Record<string, unknown>> | undefined,
  ): Attempt<ResultOf<Name>> {
    const { ok, status, headers } = answer;
    if (ok) return json === undefined ? unreadable(status) : accepted(command, headers, json);
    const code = typeof json?.['code'] === 'string' ? json['code'] : `http_${String(status)}`;
    const words = json?.['detail'] ?? json?.['message'];
    const detail = typeof words === 'string' ? words : `the platform answered ${String(status)}`;
    const seconds = Number(headers.get('retry-after') ?? Number.NaN);
    const retryAfterMs = Number.isFinite(seconds) ? seconds * 1_000 : null;
    if (retryableStatuses.has(status)) return { code, detail, retryAfterMs };
    return { outcome: { status: 'refused', id: command.id, code, detail, retryAfterMs } };
  }
}

function accepted<Name extends PublicCommandName>(
  { name, id }: OutgoingCommand<Name>,
  headers: Headers,
  json: Readonly<Record<string, unknown>>,
): Attempt<ResultOf<Name>> {
  const position = headers.get(positionHeader) ?? '';
  const replayed = headers.get(replayedHeader) === 'true';
  // Of webhooks it has the name that the Teler API gives it.
  const shown = json['secret'] ?? json['secret_value'];
  const secret = typeof shown === 'string' ? shown : null;
  // Some answers name their object only as `id`.
  const { id: own } = json;
  const named = {
    call_id: own,
    key_id: own,
    account_id: own,
    secret_id: own,
    ip_acl_id: own,
    sip_trunk_id: own,
    voice_app_id: own,
    ...json,
  };
  return { outcome: { status: 'accepted', id, position, replayed, result: resultOf(name, { ids: named, secret }) } };
}

/** The command was carried out, but its result cannot be read: the same id gets the same, complete outcome. */
function unreadable(status: number): Retryable {
  const detail = `an answer ${String(status)} broke off, or is none of the platform’s: it is not known what became of it`;
  return { code: 'reply_unreadable', detail, retryAfterMs: null };
}
