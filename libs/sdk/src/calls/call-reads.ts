import { isRecord } from '@ringfence/event-catalog/shape-codec';
import { Failure } from '@ringfence/kernel/failure';
import type { HttpConnection } from '../commands/http-commands.js';
import { sdkFailures } from '../sdk-failures.js';
import { type Call, type CallState, readCall } from './call.js';

/** Selects the calls to list; a call has to match all of these. */
export type CallFilter = {
  readonly state?: CallState;
  readonly fromNumber?: string;
  readonly toNumber?: string;
  /** Earliest moment, inclusive. */
  readonly createdAfter?: Date;
  readonly createdBefore?: Date;
  /** 1 to 100; default 50. */
  readonly limit?: number;
  /** The `nextCursor` of the previous page. */
  readonly cursorAfter?: string;
  /** Account whose calls are listed, for an operator's key. */
  readonly accountId?: string;
};
/** Newest first. `nextCursor`: null on the last page. */
export type CallPage = { readonly calls: readonly Call[]; readonly nextCursor: string | null };
export type UntilEndedOptions = {
  /** Default: 900 000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
};

const readTimeoutMs = 10_000;
/** The longest wait of one request; longer waits take several. */
const waitSecondsMax = 30;
const untilEndedDefaultMs = 900_000;

/**
 * Reads of calls, over HTTP. Every one rejects with a Failure: the platform's own code, `platform_unreachable` or
 * `answer_unreadable`.
 */
export class CallReads {
  constructor(
    private readonly connection: HttpConnection,
    private readonly closing: AbortSignal,
  ) {}

  async get(callId: string): Promise<Call> {
    return readCall(await this.#read(`/voice/calls/${encodeURIComponent(callId)}`, {}));
  }

  async list(filter: CallFilter = {}): Promise<CallPage> {
    const { state, fromNumber, toNumber, createdAfter, createdBefore, limit, cursorAfter, accountId } = filter;
    const body = await this.#read('/voice/calls', {
      state,
      from_number: fromNumber,
      to_number: toNumber,
      created_after: createdAfter?.toISOString(),
      created_before: createdBefore?.toISOString(),
      limit: limit === undefined ? undefined : String(limit),
      cursor_after: cursorAfter,
      account_id: accountId,
    });
    const { data, next_cursor: next } = isRecord(body) ? body : {};
    if (!Array.isArray(data)) throw sdkFailures.answer_unreadable('the page has no list of calls');
    return { calls: data.map(readCall), nextCursor: typeof next === 'string' ? next : null };
  }

  /**
   * Returns the call when it has ended; until then the request is repeated.
   * @throws Failure `call_not_ended` (retryable) when the time is over or `signal` aborts; the platform's own codes,
   * also when its key is revoked
   */
  async untilEnded(callId: string, { timeoutMs = untilEndedDefaultMs, signal }: UntilEndedOptions = {}): Promise<Call> {
    const untilMs = performance.now() + timeoutMs;
    for (;;) {
      const leftMs = untilMs - performance.now();
      if (leftMs <= 0 || signal?.aborted === true) throw sdkFailures.call_not_ended(callId);
      const waitSeconds = Math.min(waitSecondsMax, Math.ceil(leftMs / 1_000));
      const query = { wait_for: 'ended', wait_seconds: String(waitSeconds) };
      const call = readCall(
        await this.#read(`/voice/calls/${encodeURIComponent(callId)}`, query, waitSeconds * 1_000, signal),
      );
      if (call.endedAt !== null) return call;
    }
  }

  async #read(
    path: string,
    query: Readonly<Record<string, string | undefined>>,
    waitMs = 0,
    signal?: AbortSignal,
  ): Promise<unknown> {
    const { url, apiKey } = this.connection;
    const given = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) if (value !== undefined) given.set(name, value);
    const signals = [
      this.closing,
      AbortSignal.timeout(readTimeoutMs + waitMs),
      ...(signal === undefined ? [] : [signal]),
    ];
    const answer = await fetch(`${url.replace(/\/$/, '')}/api/v1${path}?${given.toString()}`, {
      headers: { 'x-api-key': apiKey },
      signal: AbortSignal.any(signals),
    }).catch((cause: unknown) => {
      throw sdkFailures.platform_unreachable(url, 'the connection failed, or no answer came in time', cause);
    });
    const body: unknown = await answer.json().catch(() => undefined);
    if (!answer.ok) throw refusal(answer.status, body);
    return isRecord(body) && isRecord(body['data']) ? body['data'] : body;
  }
}

const retryableStatuses: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);

function refusal(status: number, body: unknown): Failure {
  const { code, detail, message } = isRecord(body) ? body : {};
  const words = [detail, message].find((each) => typeof each === 'string');
  return new Failure(
    typeof code === 'string' ? code : `http_${String(status)}`,
    words ?? `the platform answered ${String(status)}`,
    retryableStatuses.has(status),
  );
}
