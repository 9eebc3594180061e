import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { AccountId } from '@ringfence/kernel/ids';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expectProblem } from '../route.contract.js';
import { type IssuedKey, RouteWorld, sandboxCall } from '../route-world.contract.js';
import { CommandBounds, overloaded } from './command-bounds.js';

let world: RouteWorld;
let account: AccountId;
let key: IssuedKey;
const ends: (() => void)[] = [];

beforeAll(async () => {
  world = await RouteWorld.start();
  account = await world.account();
  key = await world.key(account);
});
afterAll(() => world.stop());
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** Begins as many commands of the account as may be in flight. */
function flooded(): void {
  const bounds = world.app.get(CommandBounds, { strict: false });
  for (let end = bounds.begin(account, false); end !== undefined; end = bounds.begin(account, false)) ends.push(end);
}
const place = (secret = key.secret) => world.post('calls/initiate', sandboxCall, secret);

describe('where too many commands of an account are in flight', () => {
  it('a further one is refused, and those like it before their keys are checked', async () => {
    flooded();
    const first = await place();
    expectProblem(first, 'overloaded');
    expect(await place()).toEqual(first);
    ends.pop()?.();
    expect((await place()).status).toBe(202);
  });

  it.each(['voice/calls/initiate', 'keys'])('the refusal says when to try again: %s', async (path) => {
    flooded();
    const url = `${await world.app.getUrl()}/api/v1/${path}`;
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const { status, headers } = await fetch(url, { method: 'POST', headers: { 'x-api-key': key.secret } });
      expect([status, headers.get('retry-after')]).toEqual([503, '1']);
    }
  });

  it('the refusal of those like it is an answer like others, and its connection goes on', async () => {
    flooded();
    const line = await Line.to(await world.app.getUrl());
    expect((await line.place(key.secret))[0]).toBe('HTTP/1.1 503 Service Unavailable');
    expect(await line.place(key.secret)).toEqual([
      'HTTP/1.1 503 Service Unavailable',
      'retry-after: 1',
      'cache-control: no-store',
      'content-type: application/json; charset=utf-8',
      'content-length: 157',
      expect.stringMatching(/^Date: .+ GMT$/),
      'Connection: keep-alive',
      'Keep-Alive: timeout=72',
      '',
      JSON.stringify({ success: false, message: overloaded().message, code: 'overloaded', type: 'server_error' }),
    ]);
    ends.pop()?.();
    expect((await line.place(key.secret))[0]).toBe('HTTP/1.1 202 Accepted');
    flooded();
    expect((await line.place(key.secret))[0]).toBe('HTTP/1.1 503 Service Unavailable');
    line.close();
  });

  it('a refusal of those like it is counted like the first', async () => {
    flooded();
    const before = world.counted.length;
    expectProblem(await place(), 'overloaded');
    expectProblem(await place(), 'overloaded');
    const one = ['POST /api/v1/calls/initiate 503', 'overloaded'];
    expect(world.counted.slice(before).sort()).toEqual([...one, ...one].sort());
  });

  it('other accounts and operators are served, and reads', async () => {
    const neighbour = await world.key(await world.account());
    flooded();
    expectProblem(await place(), 'overloaded');
    expect((await place(neighbour.secret)).status).toBe(202);
    expect((await world.post(`accounts/${account}/credit`, { mode: 'test', amount_micros: '1' })).status).toBe(200);
    expect((await world.get('voice/calls', key.secret)).status).toBe(200);
  });

  it('its own commands that end or take away something are served', async () => {
    const callId = await world.call(key);
    const leaked = await world.key(account);
    flooded();
    expectProblem(await place(), 'overloaded');
    expect((await world.post(`keys/${leaked.id}/revoke`, {}, key.secret)).status).toBe(200);
    expect((await world.post(`voice/calls/${callId}/hangup`, {}, key.secret)).status).toBe(200);
  });

  it('a key that was revoked meanwhile is refused as such once there is room', async () => {
    const leaked = await world.key(account);
    flooded();
    expectProblem(await place(leaked.secret), 'overloaded');
    await world.given(world.post(`keys/${leaked.id}/revoke`));
    ends.pop()?.();
    expectProblem(await place(leaked.secret), 'key_not_accepted');
  });
});

describe('the room of a command', () => {
  it.each([
    ['accepted', () => place(), 202],
    ['refused by its lane', () => world.post('calls/initiate', { ...sandboxCall, to_number: '+1' }, key.secret), 422],
    ['invalid', () => world.post('calls/initiate', { nonsense: 1 }, key.secret), 422],
    ['about nothing that there is', () => world.post('voice/calls/cs_1/hangup', {}, key.secret), 404],
  ])('is free again after one that was %s', async (_how, ask, status) => {
    flooded();
    ends.pop()?.();
    expect((await ask()).status).toBe(status);
    expect((await place()).status).toBe(202);
  });
});

/** A connection on which calls are placed one after the other. */
class Line {
  #received = '';

  private constructor(private readonly socket: Socket) {
    socket.setEncoding('latin1').on('data', (text: string) => {
      this.#received += text;
    });
  }

  static async to(url: string): Promise<Line> {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    await once(socket, 'connect');
    return new Line(socket);
  }

  /** Returns the lines of the answer. */
  async place(secret: string): Promise<readonly string[]> {
    await world.behind.catchUp();
    const body = JSON.stringify(sandboxCall);
    const head = ['POST /api/v1/voice/calls/initiate HTTP/1.1', 'host: here', `x-api-key: ${secret}`];
    const about = ['content-type: application/json', `content-length: ${String(body.length)}`];
    this.socket.write([...head, ...about, '', body].join('\r\n'));
    while (!this.#isWhole()) await once(this.socket, 'data');
    const lines = this.#received.split('\r\n');
    this.#received = '';
    return lines;
  }

  close(): void {
    this.socket.destroy();
  }

  #isWhole(): boolean {
    const [head = '', body = ''] = this.#received.split('\r\n\r\n');
    return body.length > 0 && body.length === Number(/content-length: (\d+)/.exec(head)?.[1]);
  }
}
