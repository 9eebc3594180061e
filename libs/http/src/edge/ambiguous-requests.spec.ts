import 'reflect-metadata';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Inject, Module, Post, type Provider, Req, UseGuards } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { KeyRegistry } from '@ringfence/auth/key-registry';
import { KeyRing } from '@ringfence/runtime/key-ring';
import { SecretHasher } from '@ringfence/auth/secret-hasher';
import { RejectedRequestCounter } from '@ringfence/auth/rejected-request-counter';
import { systemTimers } from '@ringfence/runtime/system-timers';
import { epochMs, position } from '@ringfence/kernel/units';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import type { FastifyRequest } from 'fastify';
import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { createHttpServer } from '../server.js';
import { Access, AccessGuard } from './access.js';
import { commandNameOf } from './idempotency-key.js';
import { CLOCK, EDGE_METRICS, ID_SOURCE } from './ports.js';
import { CommandBounds } from './command-bounds.js';
import { ReadBounds } from './read-bounds.js';

@Controller('spec')
class SpecController {
  constructor(@Inject(ID_SOURCE) private readonly ids: PredictableIds) {}

  @Get('keyed/:name')
  @Access({ scopes: ['calls:read'], operatorsOnly: false, modes: 'own' })
  @UseGuards(AccessGuard)
  keyed(): object {
    return {};
  }

  @Post('named')
  named(@Req() request: FastifyRequest): object {
    return { name: commandNameOf(request, this.ids).key };
  }
}

@Module({})
class SpecModule {}

const hasher = new SecretHasher(KeyRing.parse(`one:${Buffer.alloc(32, 1).toString('base64')}`, 'spec'));
const ports: Provider[] = [
  { provide: KeyRegistry, useValue: new KeyRegistry(hasher, () => Promise.resolve(position(0))) },
  { provide: CLOCK, useValue: { now: () => epochMs(0) } },
  { provide: EDGE_METRICS, useValue: { rejected: () => undefined, answered: () => undefined } },
  { provide: RejectedRequestCounter, useValue: { count: () => undefined } },
  { provide: CommandBounds, useValue: new CommandBounds(systemTimers) },
  { provide: ReadBounds, useValue: new ReadBounds(systemTimers) },
  { provide: ID_SOURCE, useValue: new PredictableIds() },
  AccessGuard,
];

describe('a request', () => {
  let app: NestFastifyApplication;

  beforeEach(async () => {
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
  afterEach(() => app.close());

  async function answered(line: string, fields: readonly string[]): Promise<string> {
    const { port } = app.getHttpServer().address() as AddressInfo;
    const socket = connect(port, '127.0.0.1').setEncoding('latin1');
    socket.write([`${line} HTTP/1.1`, 'host: here', 'connection: close', ...fields, '', ''].join('\r\n'));
    let text = '';
    socket.on('data', (part: string) => (text += part));
    await once(socket, 'close');
    return `${text.slice(9, 12)} ${/"code":"(\w+)"/.exec(text)?.[1] ?? ''}`.trim();
  }

  const [one, other] = ['x-api-key: one', 'x-api-key: other'];
  it.each([
    ['with two keys', 'GET /spec/keyed/a', [one, other], '400 key_ambiguous'],
    ['with one key twice', 'GET /spec/keyed/a', [one, one], '400 key_ambiguous'],
    ['with a key in two places', 'GET /spec/keyed/a', [one, 'authorization: Bearer one'], '400 key_ambiguous'],
    [
      'with two authorizations',
      'GET /spec/keyed/a',
      ['authorization: Bearer a', 'Authorization: Bearer b'],
      '400 key_ambiguous',
    ],
    ['with one key', 'GET /spec/keyed/a', [one], '401 key_malformed'],
    [
      'with two names',
      'POST /spec/named',
      ['idempotency-key: a', 'Idempotency-Key: b'],
      '400 idempotency_key_ambiguous',
    ],
    ['with one name', 'POST /spec/named', ['idempotency-key: a, b'], '201'],
    ['with a broken escape in its path', 'GET /spec/keyed/%zz', [one], '400 path_malformed'],
    ['with half of a character in its path', 'GET /spec/keyed/%c3', [one], '400 path_malformed'],
    [
      'that is compressed',
      'POST /spec/named',
      ['content-encoding: gzip', 'content-length: 0'],
      '415 content_encoding_unsupported',
    ],
    ['that says it is not compressed', 'POST /spec/named', ['content-encoding: identity'], '201'],
  ])('%s', async (_what, line, fields, expected) => {
    expect(await answered(line, fields)).toBe(expected);
  });
});
