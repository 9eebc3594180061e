import type { Mode } from '@ringfence/domain/shared/values';
import { Failure } from '@ringfence/kernel/failure';
import type { OutboundAnswer, OutboundClient, OutboundRequest } from '@ringfence/ports/outbound/outbound-client';
import { outboundFailures } from '@ringfence/ports/outbound/outbound-failures';
import { Agent, request as send } from 'undici';
import { addressPolicy } from './address-policy.js';
import { guardedConnector } from './guarded-connector.js';
import { dnsResolver, type ResolveName } from './name-resolver.js';

export type GuardedHttpOptions = {
  /** Blocks of special addresses that the operator allows, for requests of both modes. */
  readonly allowedCidrs: readonly string[];
  /** True: requests of test mode may reach this machine too. */
  readonly testReachesLoopback: boolean;
  /** Default: DNS. */
  readonly resolve?: ResolveName;
  /** Default: 5 s until connected, 15 s in all. */
  readonly connectMsMax?: number;
  readonly totalMsMax?: number;
};

const connectMsDefault = 5_000;
const totalMsDefault = 15_000;
const headerBytesMax = 16_384;
/** Connections at the same time to one origin; more requests wait, within their total time. */
const connectionsPerOriginMax = 64;
/** Bytes of an unwanted body that are read so that the connection can be used for the next request. */
const droppedBytesMax = 65_536;
const loopbackCidrs = ['127.0.0.0/8', '::1/128'];

/** Port numbers are not restricted: a receiver may listen on any. Proxies of the environment are not used. */
export class GuardedHttpClient implements OutboundClient {
  readonly #agents: Readonly<Record<Mode, Agent>>;
  readonly #closing = new AbortController();
  readonly #totalMsMax: number;

  /** @throws Failure `outbound_allow_invalid` */
  constructor(options: GuardedHttpOptions) {
    const { allowedCidrs, testReachesLoopback } = options;
    this.#totalMsMax = options.totalMsMax ?? totalMsDefault;
    const testCidrs = testReachesLoopback ? [...allowedCidrs, ...loopbackCidrs] : allowedCidrs;
    // Modes share no connection: what one may reach, the other may not.
    this.#agents = { live: agentFor(allowedCidrs, options), test: agentFor(testCidrs, options) };
  }

  async post(request: OutboundRequest): Promise<OutboundAnswer> {
    const url = checkedUrl(request.url);
    const ended = AbortSignal.any([AbortSignal.timeout(this.#totalMsMax), this.#closing.signal]);
    try {
      const { statusCode, headers, body } = await send(url, {
        method: 'POST',
        dispatcher: this.#agents[request.mode],
        headers: request.headers,
        body: request.body,
        signal: ended,
        headersTimeout: this.#totalMsMax,
        bodyTimeout: this.#totalMsMax,
      });
      const contentType = headers['content-type'];
      return {
        status: statusCode,
        contentType: typeof contentType === 'string' ? contentType : null,
        body: await bodyOf(body, request.answerBytesMax),
      };
    } catch (error) {
      throw this.#failureOf(error);
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all(Object.values(this.#agents).map((agent) => agent.destroy()));
  }

  #failureOf(error: unknown): Failure {
    if (error instanceof Failure) return error;
    if (this.#closing.signal.aborted) return outboundFailures.outbound_connection_lost(error);
    return failureOf(error);
  }
}

function agentFor(cidrs: readonly string[], options: GuardedHttpOptions): Agent {
  const { resolve = dnsResolver(), connectMsMax = connectMsDefault } = options;
  return new Agent({
    connect: guardedConnector(addressPolicy(cidrs), resolve, connectMsMax),
    connections: connectionsPerOriginMax,
    maxHeaderSize: headerBytesMax,
    allowH2: false,
    pipelining: 1,
  });
}

/** @throws Failure `outbound_url_invalid` */
function checkedUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isHttp = url?.protocol === 'http:' || url?.protocol === 'https:';
  if (url === undefined || !isHttp || url.username !== '' || url.password !== '')
    throw outboundFailures.outbound_url_invalid();
  return url;
}

type AnswerBody = Awaited<ReturnType<typeof send>>['body'];

async function bodyOf(body: AnswerBody, bytesMax: number): Promise<Buffer> {
  if (bytesMax === 0) {
    // The status is the answer: a body that breaks off changes nothing of it.
    await body.dump({ limit: droppedBytesMax }).catch(() => undefined);
    return Buffer.alloc(0);
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    // Leaving the loop destroys the stream and its connection.
    if (bytes > bytesMax) throw outboundFailures.outbound_answer_too_large(bytesMax);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Codes of Node.js and undici, by what they mean here. */
const timedOut = /^(?:UND_ERR_(?:CONNECT|HEADERS|BODY)_TIMEOUT|ETIMEDOUT)$/;
const notHttp = /^UND_ERR_(?:HEADERS_OVERFLOW|RES_|RESPONSE)/;
const lost = /^(?:UND_ERR_SOCKET|ECONNRESET|EPIPE)$/;
const tls = /^(?:ERR_TLS_|ERR_SSL_|CERT_|DEPTH_|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|EPROTO)/;

function failureOf(error: unknown): Failure {
  if (isNamed(error, 'TimeoutError')) return outboundFailures.outbound_timed_out();
  // The parser's errors do not always have a code.
  if (isNamed(error, 'HTTPParserError')) return outboundFailures.outbound_answer_invalid(error);
  const code = codeOf(error);
  if (timedOut.test(code)) return outboundFailures.outbound_timed_out();
  if (notHttp.test(code)) return outboundFailures.outbound_answer_invalid(error);
  if (lost.test(code)) return outboundFailures.outbound_connection_lost(error);
  if (tls.test(code)) return outboundFailures.outbound_tls_failed(error);
  return outboundFailures.outbound_connect_failed(error);
}

function isNamed(error: unknown, name: string): boolean {
  return typeof error === 'object' && error !== null && 'name' in error && error.name === name;
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : '';
}
