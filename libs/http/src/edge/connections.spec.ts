import 'reflect-metadata';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { HttpModule } from '../http.module.js';
import { createHttpServer, limits } from '../server.js';
import { HEALTH, METRICS_TEXT } from './ports.js';

const live = 'GET /health/live HTTP/1.1\r\nhost: here\r\n\r\n';

describe('connections', () => {
  let app: NestFastifyApplication;
  const sockets: Socket[] = [];

  beforeEach(async () => {
    app = await createHttpServer({
      module: HttpModule.operationsOnly([
        { provide: HEALTH, useValue: { parts: () => Promise.resolve({}) } },
        { provide: METRICS_TEXT, useValue: { contentType: 'text/plain', text: () => Promise.resolve('') } },
      ]),
      trustedProxies: [],
      metrics: { turnedAway: () => undefined, answered: () => undefined },
      onFault: () => undefined,
      logger: { log: () => undefined, warn: () => undefined, error: () => undefined },
    });
    await app.listen(0, '127.0.0.1');
  });
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await app.close();
  });

  async function opened(): Promise<Socket> {
    const { port } = app.getHttpServer().address() as AddressInfo;
    const socket = connect(port, '127.0.0.1')
      .setEncoding('latin1')
      .on('error', () => undefined);
    sockets.push(socket);
    await once(socket, 'connect');
    return socket;
  }

  /** @returns what comes first, or nothing: it was closed */
  async function asked(socket: Socket): Promise<string> {
    const answer = new Promise<string>((resolve) => {
      socket.once('data', (text: string) => {
        resolve(text);
      });
      socket.once('close', () => {
        resolve('');
      });
    });
    if (socket.closed) return '';
    socket.write(live);
    return answer;
  }

  it('are no more than the server holds: one more is closed at once, those that are there are served, and room is used again', async () => {
    const server = app.getHttpServer();
    expect(server.maxConnections).toBe(limits.connectionsMax);
    // The same bound, reached sooner.
    server.maxConnections = 2;
    const [first, second] = [await opened(), await opened()];
    expect(await asked(first)).toMatch(/^HTTP\/1\.1 200 /);
    expect(await asked(second)).toMatch(/^HTTP\/1\.1 200 /);
    const dropped = once(server, 'drop');
    const third = await opened();
    await dropped;
    expect(await asked(third)).toBe('');
    expect(await asked(first)).toMatch(/^HTTP\/1\.1 200 /);

    // The server's own end of it: only then is there room.
    const ended = new Promise<void>((resolve) => {
      const look = () => {
        server.getConnections((_error, count) => {
          if (count < 2) resolve();
          else setImmediate(look);
        });
      };
      second.once('close', look);
    });
    second.destroy();
    await ended;
    expect(await asked(await opened())).toMatch(/^HTTP\/1\.1 200 /);
  });
});
