import 'reflect-metadata';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Inject, Module, type Provider, UseGuards } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { KeyEntry } from '@ringfence/auth/key-entry';
import { KeyRegistry } from '@ringfence/auth/key-registry';
import { KeyRing } from '@ringfence/runtime/key-ring';
import { mintSecret, type ParsedSecret } from '@ringfence/auth/key-secret';
import { SecretHasher } from '@ringfence/auth/secret-hasher';
import { RejectedRequestCounter } from '@ringfence/auth/rejected-request-counter';
import { systemTimers } from '@ringfence/runtime/system-timers';
import { epochMs, position } from '@ringfence/kernel/units';
import { examplePolicy } from '@ringfence/testing/examples';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { createHttpServer } from '../server.js';
import { Access, AccessGuard } from './access.js';
import { CLOCK, EDGE_METRICS } from './ports.js';
import { CommandBounds } from './command-bounds.js';
import { ReadBounds, readLimits } from './read-bounds.js';

/** More than the kernel takes of one answer, and all that an account may leave unread. */
const answer = 'x'.repeat(readLimits.unreadBytesPerAccountMax);

class Work {
  atOnce = 0;
  atOnceMost = 0;
  begun = 0;
}

@Controller('spec')
class SpecController {
  constructor(@Inject(Work) private readonly work: Work) {}

  @Get('list')
  @Access({ scopes: ['calls:read'], operatorsOnly: false, modes: 'own' })
  @UseGuards(AccessGuard)
  async list(): Promise<object> {
    this.work.begun += 1;
    this.work.atOnce += 1;
    this.work.atOnceMost = Math.max(this.work.atOnceMost, this.work.atOnce);
    await new Promise(setImmediate);
    this.work.atOnce -= 1;
    return { answer };
  }

  @Get('small')
  @Access({ scopes: ['calls:read'], operatorsOnly: false, modes: 'own' })
  @UseGuards(AccessGuard)
  small(): object {
    return {};
  }
}

@Module({})
class SpecModule {}

describe('answers that nobody reads', () => {
  let app: NestFastifyApplication;
  let work: Work;
  const sockets: Socket[] = [];
  const [noisy, neighbour] = [mintSecret('test'), mintSecret('test')];

  beforeEach(async () => {
    work = new Work();
    const hasher = new SecretHasher(KeyRing.parse(`one:${Buffer.alloc(32, 1).toString('base64')}`, 'spec'));
    const registry = new KeyRegistry(hasher, () => Promise.resolve(position(0)));
    const ids = new PredictableIds();
    const entryOf = (secret: ParsedSecret): KeyEntry => ({
      keyId: ids.keyId(),
      accountId: ids.accountId(),
      parentKeyId: null,
      mode: 'test',
      keyVersion: 1,
      policy: { ...examplePolicy, scopes: ['calls:read'] },
      policyHash: '',
      credential: { kind: 'secret', digest: hasher.digestOf(secret), previous: null },
      state: { status: 'active' },
    });
    registry.loadFrom([entryOf(noisy), entryOf(neighbour)], position(0));
    registry.apply([], epochMs(0));
    const ports: Provider[] = [
      { provide: KeyRegistry, useValue: registry },
      { provide: CLOCK, useValue: { now: () => epochMs(0) } },
      { provide: EDGE_METRICS, useValue: { rejected: () => undefined, answered: () => undefined } },
      { provide: RejectedRequestCounter, useValue: { count: () => undefined } },
      { provide: CommandBounds, useValue: new CommandBounds(systemTimers) },
      { provide: ReadBounds, useValue: new ReadBounds(systemTimers) },
      { provide: Work, useValue: work },
      AccessGuard,
    ];
    app = await createHttpServer({
      module: { module: SpecModule, controllers: [SpecController], providers: ports },
      trustedProxies: [],
      metrics: { rejected: () => undefined, answered: () => undefined },
      onFault: (fault) => {
        throw fault;
      },
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
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    sockets.push(socket);
    await once(socket, 'connect');
    return socket;
  }

  const get = (path: string, { text }: ParsedSecret) =>
    `GET /spec/${path} HTTP/1.1\r\nhost: here\r\nx-api-key: ${text}\r\n\r\n`;

  async function status(path: string, secret: ParsedSecret): Promise<string> {
    const socket = await opened();
    socket.setEncoding('latin1').write(get(path, secret));
    const answer = await once(socket, 'data');
    return String(answer[0]).slice(9, 12);
  }

  it('hold up only their own reader: little is worked on at once, little waits, and others are served', async () => {
    const unread = await Promise.all(Array.from({ length: 20 }, async () => (await opened()).pause()));
    for (const socket of unread) socket.write(get('list', noisy).repeat(30));
    for (let asked = 0; asked < 50; asked += 1) expect(await status('small', neighbour)).toBe('200');
    expect(work.begun).toBeGreaterThan(0);
    expect(work.begun).toBeLessThanOrEqual(readLimits.workingPerKeyMax);
    expect(work.atOnceMost).toBeLessThanOrEqual(readLimits.workingPerKeyMax);
  });

  it('are no longer worked on once their connections are gone, and the next read of the same key is served', async () => {
    const unread = await Promise.all(Array.from({ length: 20 }, async () => (await opened()).pause()));
    for (const socket of unread) socket.write(get('list', noisy).repeat(30));
    while (work.begun === 0) await new Promise(setImmediate);
    for (const socket of unread) socket.destroy();
    expect(await status('small', noisy)).toBe('200');
    expect(work.begun).toBeLessThanOrEqual(unread.length);
    const { begun } = work;
    expect(await status('small', noisy)).toBe('200');
    expect(work.begun).toBe(begun);
  });

  it('come one after another on one connection, each when the one before it was taken', async () => {
    const socket = await opened();
    let received = 0;
    socket.on('data', (part: Buffer) => (received += part.length));
    socket.write(get('list', noisy).repeat(4));
    while (received < 4 * answer.length) await once(socket, 'data');
    expect([work.begun, work.atOnceMost]).toEqual([4, 1]);
  });
});
