import 'reflect-metadata';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { OperationsModule } from '../operations/operations.module.js';
import { createHttpServer, limits } from '../server.js';
import { HEALTH, METRICS_TEXT } from './ports.js';

const health = { parts: () => Promise.resolve({}) };
const live = 'GET /health/live HTTP/1.1\r\nhost: here\r\n\r\n';

describe('a connection on which no request comes whole', () => {
  let app: NestFastifyApplication;
  const sockets: Socket[] = [];

  beforeEach(async () => {
    app = await createHttpServer({
      module: OperationsModule.with([
        { provide: HEALTH, useValue: health },
        { provide: METRICS_TEXT, useValue: { contentType: 'text/plain', text: () => Promise.resolve('') } },
      ]),
      trustedProxies: [],
      metrics: { rejected: () => undefined, answered: () => undefined },
      onFault: () => undefined,
      logger: { log: () => undefined, warn: () => undefined, error: () => undefined },
    });
    const server = app.getHttpServer();
    expect(server.requestTimeout).toBe(limits.requestMsMax);
    // The same bound, reached sooner.
    server.requestTimeout = server.headersTimeout = 300;
    await app.listen(0, '127.0.0.1');
  });
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await app.close();
  });

  async function opened(): Promise<{ readonly socket: Socket; readonly received: () => string }> {
    const { port } = app.getHttpServer().address() as AddressInfo;
    const socket = connect(port, '127.0.0.1').setEncoding('latin1');
    sockets.push(socket);
    let text = '';
    socket.on('data', (part: string) => (text += part)).on('error', () => undefined);
    await once(socket, 'connect');
    return { socket, received: () => text };
  }

  async function untilClosed({ socket, received }: Awaited<ReturnType<typeof opened>>): Promise<string> {
    if (!socket.closed) await once(socket, 'close');
    return received();
  }

  it.each([
    ['half a line', 'POST /api/v1/voice'],
    ['half of its headers', 'GET /health/live HTTP/1.1\r\nhost: he'],
  ])('is answered 408 once its time is over, when %s has come', async (_what, half) => {
    const line = await opened();
    line.socket.write(half);
    const answer = await untilClosed(line);
    expect(answer).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
    expect(answer).toContain('content-type: application/problem+json\r\n');
    expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))).toMatchObject({
      status: 408,
      code: 'request_timeout',
    });
  });

  it('is answered 408 when a second request stops half way', async () => {
    const line = await opened();
    line.socket.write(live);
    await once(line.socket, 'data');
    line.socket.write(live.slice(0, 20));
    const answers = (await untilClosed(line)).split(/(?=HTTP\/1\.1 )/);
    expect(answers.map((answer) => answer.slice(9, 12))).toEqual(['200', '408']);
  });

  it('is closed without a word when nothing was asked on it', async () => {
    expect(await untilClosed(await opened())).toBe('');
  });

  it('is answered 400 for what is not HTTP, and 431 for too much of a head', async () => {
    const babble = await opened();
    babble.socket.write('\x16\x03\x01\x02\r\n\r\n');
    expect(await untilClosed(babble)).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n[^]*"code":"bad_request"/);
    const endless = await opened();
    endless.socket.write(`GET / HTTP/1.1\r\nx: ${'x'.repeat(limits.headerBytesMax)}\r\n`);
    expect(await untilClosed(endless)).toMatch(/^HTTP\/1\.1 431 Request Header Fields Too Large\r\n/);
  });
});
