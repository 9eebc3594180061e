import type { DynamicModule, LoggerService } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { clientErrorHandler } from './edge/client-errors.js';
import { CommandBounds, endCommand } from './edge/command-bounds.js';
import { afterEarlierReads, Connections, isRead } from './edge/connections.js';
import { type OnFault, ProblemFilter } from './edge/problem.filter.js';
import type { EdgeMetrics } from './edge/ports.js';
import { readTurnOf } from './edge/read-bounds.js';
import { refuseAlike } from './edge/refused-requests.js';
import { markStale } from './edge/stale-reads.js';
import { type RequestTracing, traceRequests } from './edge/request-tracing.js';
import { RouteTable } from './edge/route-table.js';
import { noteSource, proxyHeaderDefault, sourceAddresses } from './edge/source-address.js';
import { traceparentOf } from './edge/traceparent.js';
import { hasRepeatedMember } from '@ringfence/wire/repeated-members';
import { topicPrefixDefault, topicsOf } from '@ringfence/wire/topics';
import { serveDocs } from './openapi/docs-pages.js';
import { isTwilioPath } from './edge/twilio-errors.js';
import { bodyBytesMax, edgeProblem, type HttpProblem } from './problem.js';

/** Limits of what a client may send, and of the time it may take. */
export const limits = {
  headerBytesMax: 16_384,
  urlCharactersMax: 4_096,
  pathParameterCharactersMax: 128,
  /** Limit of the time for the headers, and for the whole request with its body. */
  requestMsMax: 15_000,
  /** Interval at which connections are checked for requests that take longer. */
  overdueCheckEveryMs: 1_000,
  keepAliveMs: 72_000,
} as const;

type HttpServerOptions = {
  /** Root module of Nest, with the edge's module in it. */
  readonly module: DynamicModule;
  readonly trustedProxies: readonly string[];
  /** The only header in which trusted proxies name the client, lower case. Default: `proxyHeaderDefault`. */
  readonly proxyHeader?: string;
  readonly metrics: EdgeMetrics;
  /** Default: requests are not traced. */
  readonly tracing?: RequestTracing | null;
  readonly onFault: OnFault;
  /**
   * Tests whether the process is about to stop: every answer then closes its connection, so that the next request goes
   * to another process. Default: never.
   */
  readonly isLeaving?: () => boolean;
  readonly logger: LoggerService;
  /** The prefix of the topics in the AsyncAPI document. */
  readonly topicPrefix?: string;
};

/**
 * The root of the API, relative to its description at `/api/docs/openapi.json`: also right below a proxy's path prefix.
 */
const servedBeside = { url: '../..', description: 'this server' };

/** Creates the server; `listen` starts it. */
export async function createHttpServer(options: HttpServerOptions): Promise<NestFastifyApplication> {
  const routes = new RouteTable();
  const filter = new ProblemFilter(routes, options.onFault);
  let commands: CommandBounds | undefined = undefined;
  const adapter = fastifyAdapter(options, filter, (request, response) =>
    isRefusedAhead(commands, options, request, response),
  );
  const fastify = adapter.getInstance();
  fastify.addHook('onRoute', ({ url, method }) => {
    routes.add(url, Array.isArray(method) ? method : [method]);
  });
  readBodies(fastify);
  const sourceAddress = sourceAddresses({
    trustedProxies: options.trustedProxies,
    header: options.proxyHeader ?? proxyHeaderDefault,
  });
  if (options.tracing) traceRequests(fastify, options.tracing);
  fastify.addHook('onRequest', (request, reply, done) => {
    const problem = refusedUnread(request, filter);
    if (problem !== undefined) {
      filter.answer(problem, request, reply);
      return;
    }
    noteSource(request, sourceAddress({ peer: request.socket.remoteAddress, headers: request.headers }));
    const traceparent = traceparentOf(request);
    if (traceparent !== null) void reply.header('traceparent', traceparent);
    void reply.header('x-content-type-options', 'nosniff');
    if (isRead(request.raw)) afterEarlierReads(request.raw, done);
    else done();
  });
  fastify.addHook('onSend', (request, reply, payload, done) => {
    if (options.isLeaving?.() === true) void reply.header('connection', 'close');
    markStale(request, reply);
    endCommand(request);
    readTurnOf(request)?.answered(typeof payload === 'string' ? Buffer.byteLength(payload) : 0);
    done(null, payload);
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    options.metrics.answered(
      request.method,
      request.routeOptions.url ?? '(no route)',
      reply.statusCode,
      reply.elapsedTime,
    );
    done();
  });
  const app = await NestFactory.create<NestFastifyApplication>(options.module, adapter, {
    bodyParser: false,
    logger: options.logger,
    abortOnError: false,
  });
  app.useGlobalFilters(filter);
  commands = boundsOf(app);
  const server = app.getHttpServer();
  // Node applies the longer of the two limits to the whole request.
  server.headersTimeout = limits.requestMsMax;
  boundConnections(fastify, options.metrics);
  serveDocs(fastify, documentsOf(app, options));
  return app;
}

function boundConnections(fastify: FastifyInstance, metrics: EdgeMetrics): void {
  const connections = new Connections(fastify.server, (code) => {
    metrics.rejected(code);
  });
  fastify.addHook('preClose', (done) => {
    connections.endUnused();
    done();
  });
}

/** @returns undefined: the server is without the API */
function boundsOf(app: NestFastifyApplication): CommandBounds | undefined {
  try {
    return app.get(CommandBounds, { strict: false });
  } catch {
    return undefined;
  }
}

/** The documents of the API and of the topics, whose code is loaded on the first request. */
function documentsOf(app: NestFastifyApplication, { topicPrefix = topicPrefixDefault }: HttpServerOptions) {
  return {
    openapi: async () => {
      const { openApiDocument } = await import('./openapi/document.js');
      return { ...(await openApiDocument(app)), servers: [servedBeside] };
    },
    asyncapi: async () => {
      const { asyncApiDocument } = await import('./asyncapi/document.js');
      return asyncApiDocument(topicsOf(topicPrefix));
    },
  };
}

/** Reads JSON, and forms where Twilio's clients send them. */
function readBodies(fastify: FastifyInstance): void {
  const parseJson = fastify.getDefaultJsonParser('error', 'error');
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    // A command without fields may be sent without a body.
    if (body === '') done(null, undefined);
    else
      void parseJson(request, body, (failure: Error | null, read?: unknown) => {
        done(failure ?? repeatedMember(body, read), read);
      });
  });
  fastify.addContentTypeParser<string>(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (request, body, done) => {
      if (isTwilioPath(request.url)) done(null, new URLSearchParams(body));
      else done(edgeProblem('content_type_unsupported', 'the body must be application/json'));
    },
  );
}

/** The problem of a body with a repeated member; null: it has none. */
function repeatedMember(body: string, read: unknown): HttpProblem | null {
  if (!hasRepeatedMember(body, read)) return null;
  return edgeProblem('body_ambiguous', 'a member is in the JSON body twice');
}

/** The problem of a request that is refused before its body is read. */
function refusedUnread(request: FastifyRequest, filter: ProblemFilter): HttpProblem | undefined {
  if (request.url.length > limits.urlCharactersMax)
    return edgeProblem('uri_too_long', `a URL has at most ${String(limits.urlCharactersMax)} characters`);
  if (request.is404) return filter.noRoute(request);
  const encoding = request.headers['content-encoding'];
  if (encoding === undefined || encoding === 'identity') return undefined;
  return edgeProblem('content_encoding_unsupported', 'the body must not be compressed');
}

/** Refuses a request like one that was refused a moment ago, if there is still no room. @returns false: it goes on */
function isRefusedAhead(
  commands: CommandBounds | undefined,
  { metrics, isLeaving }: HttpServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): boolean {
  const refused = commands?.refused.like(request);
  if (refused === undefined || commands?.isFullFor(refused.account) !== true) return false;
  // The answer of a process that stops closes its connection.
  if (isLeaving?.() === true) return false;
  refuseAlike(request, response, refused, metrics);
  return true;
}

/** @param isAnswered answers some requests itself, before Fastify sees them */
function fastifyAdapter(
  { metrics }: HttpServerOptions,
  filter: ProblemFilter,
  isAnswered: (request: IncomingMessage, response: ServerResponse) => boolean,
): FastifyAdapter {
  return new FastifyAdapter({
    serverFactory: (handler: RequestListener) =>
      createServer(
        {
          maxHeaderSize: limits.headerBytesMax,
          requestTimeout: limits.requestMsMax,
          keepAliveTimeout: limits.keepAliveMs,
          connectionsCheckingInterval: limits.overdueCheckEveryMs,
        },
        (request, response) => {
          if (!isAnswered(request, response)) handler(request, response);
        },
      ),
    logger: false,
    bodyLimit: bodyBytesMax,
    forceCloseConnections: 'idle',
    // Requests over open connections are still answered: no client has to retry because of a stop.
    return503OnClosing: false,
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
    routerOptions: { maxParamLength: limits.pathParameterCharactersMax, ignoreTrailingSlash: false },
    frameworkErrors: (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
      filter.answer(error, request, reply);
    },
    clientErrorHandler: clientErrorHandler(limits.headerBytesMax, metrics),
  });
}
