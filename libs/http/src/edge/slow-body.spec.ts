import 'reflect-metadata';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Body, Controller, Get, Module, Post, type Provider, UseGuards } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { KeyRegistry } from '@ringfence/auth/key-registry';
import { KeyRing } from '@ringfence/runtime/key-ring';
import { SecretHasher } from '@ringfence/auth/secret-hasher';
import { RejectedRequestCounter } from '@ringfence/auth/rejected-request-counter';
import { systemTimers } from '@ringfence/runtime/system-timers';
import { epochMs, position } from '@ringfence/kernel/units';
import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { createHttpServer, limits } from '../server.js';
import { Access, AccessGuard } from './access.js';
import { CLOCK, EDGE_METRICS } from './ports.js';
import { CommandBounds } from './command-bounds.js';
import { ReadBounds } from './read-bounds.js';

const requestMsMax = 300;
const answered = new Set<() => void>();

@Controller('spec')
class SpecController {
  @Post('open')
  open(@Body() body: object): object {
    return body;
  }

  @Post('keyed')
  @Access({ scopes: ['calls:write'], operatorsOnly: false, modes: 'own' })
  @UseGuards(AccessGuard)
  keyed(@Body() body: object): object {
    return body;
  }

  /** Answers when the test says so. */
  @Get('held')
  async held(): Promise<object> {
    await new Promise<void>((resolve) => answered.add(resolve));
    return { held: true };
  }
}

@Module({})
class SpecModule {}

const hasher = new SecretHasher(KeyRing.parse(`one:${Buffer.alloc(32, 1).toString('base64')}`, 'spec'));
const ports: Provider[] = [
  { provide: KeyRegistry, useValue: new KeyRegistry(hasher, () => Promise.resolve(position(0))) },
  { provide: CLOCK, useValue: { now: () => epochMs(Date.now()) } },
  { provide: EDGE_METRICS, useValue: { rejected: () => undefined, answered: () => undefined } },
  { provide: RejectedRequestCounter, useValue: { count: () => undefined } },
  { provide: CommandBounds, useValue: new CommandBounds(systemTimers) },
  { provide: ReadBounds, useValue: new ReadBounds(systemTimers) },
  AccessGuard,
];

describe('a body that comes slowly, or stops', () => {
  let app: NestFastifyApplication;
  const sockets: Socket[] = [];
  const codes: string[] = [];

  beforeEach(async () => {
    codes.length = 0;
    app = await createHttpServer({
      module: { module: SpecModule, controllers: [SpecController], providers: ports },
      trustedProxies: [],
      metrics: { rejected: (code) => codes.push(code), answered: () => undefined },
      onFault: (fault) => {
        throw fault;
      },
      logger: { log: () => undefined, warn: () => undefined, error: () => undefined },
    });
    const server = app.getHttpServer();
    expect([server.requestTimeout, server.headersTimeout]).toEqual([limits.requestMsMax, limits.requestMsMax]);
    // The same bounds, reached sooner.
    server.requestTimeout = server.headersTimeout = requestMsMax;
    await app.listen(0, '127.0.0.1');
  });
  afterEach(async () => {
    for (const answer of answered) answer();
    answered.clear();
    for (const socket of sockets.splice(0)) socket.destroy();
    await app.close();
  });

  async function opened() {
    const { port } = app.getHttpServer().address() as AddressInfo;
    const socket = connect(port, '127.0.0.1').setEncoding('latin1');
    sockets.push(socket);
    const line = { socket, heard: '' };
    socket.on('data', (part: string) => (line.heard += part)).on('error', () => undefined);
    await once(socket, 'connect');
    return line;
  }

  async function untilClosed({ socket }: { readonly socket: Socket }): Promise<void> {
    if (!socket.closed) await once(socket, 'close');
  }

  const head = (path: string, fields: readonly string[]) =>
    [`POST ${path} HTTP/1.1`, 'host: here', 'content-type: application/json', ...fields, '', ''].join('\r\n');
  const statusesIn = (received: string) => [...received.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);

  const lengths = [
    ['of a length', 'content-length: 100000', '{"a":"', 'a'],
    ['in chunks', 'transfer-encoding: chunked', '6\r\n{"a":"\r\n', '1\r\na\r\n'],
    ['that was invited', 'content-length: 100000\r\nexpect: 100-continue', '{"a":"', 'a'],
  ] as const;
  const senders = [
    ['without a key', []],
    ['with a key that is none', ['x-api-key: nonsense']],
    ['with a key', ['x-api-key: rf_test_vQsiLOiItYFMjnd9qr9Q1Gq7ukrp7U0tfnZS']],
  ] as const;

  const paths = ['/spec/open', '/spec/keyed'];
  const cases = lengths.flatMap(([form, ...bytes]) =>
    senders.flatMap(([sender, fields]) => paths.map((path) => ({ form, bytes, sender, fields, path }))),
  );

  it.each([
    ['stops', false],
    ['drips', true],
  ])('is answered 408 at every path, with or without a key and in every form, when it %s', async (_how, drips) => {
    const seen = await Promise.all(
      cases.map(async ({ form, bytes: [length, begun, more], sender, fields, path }) => {
        const line = await opened();
        line.socket.write(head(path, [...fields, length]) + begun);
        const drip = setInterval(() => drips && line.socket.writable && line.socket.write(more), 5);
        await untilClosed(line);
        clearInterval(drip);
        const statuses = statusesIn(line.heard).filter((status) => status !== '100');
        return [form, sender, path, statuses, line.heard.includes('"code":"request_timeout"')];
      }),
    );
    expect(seen).toEqual(cases.map(({ form, sender, path }) => [form, sender, path, ['408'], true]));
    expect(codes).toEqual(cases.map(() => 'request_timeout'));
  });

  it('is cut at no route, too, where the one answer was given already', async () => {
    const seen = await Promise.all(
      lengths.map(async ([, length, begun]) => {
        const line = await opened();
        line.socket.write(head('/nothing', [length]) + begun);
        await untilClosed(line);
        return statusesIn(line.heard).filter((status) => status !== '100');
      }),
    );
    expect(seen).toEqual([['404'], ['404'], ['404']]);
  });

  it('does not take the answer from the request before it on its connection', async () => {
    const line = await opened();
    line.socket.write('GET /spec/held HTTP/1.1\r\nhost: here\r\n\r\n');
    while (answered.size === 0) await new Promise(setImmediate);
    const cut = once(app.getHttpServer(), 'clientError');
    line.socket.write(head('/spec/open', ['content-length: 100000']) + '{"a":"');
    await cut;
    expect(line.heard).toBe('');
    for (const answer of answered) answer();
    await untilClosed(line);
    expect(statusesIn(line.heard)).toEqual(['200', '408']);
  });

  it('is not cut when it comes whole in time, in whatever pieces', async () => {
    app.getHttpServer().requestTimeout = limits.requestMsMax;
    const line = await opened();
    line.socket.write(head('/spec/open', ['content-length: 9', 'connection: close']) + '{"a"');
    line.socket.write(':"b"}');
    await untilClosed(line);
    expect(line.heard).toMatch(/^HTTP\/1\.1 201 [^]*\{"a":"b"\}$/);
  });
});
