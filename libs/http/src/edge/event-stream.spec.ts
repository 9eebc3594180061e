import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeTimers } from '@ringfence/testing/fake-timers';
import fastify, { type FastifyInstance } from 'fastify';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EventStream, eventStreamLimits } from './event-stream.js';

describe('a stream of events', () => {
  let server: FastifyInstance;
  let timers: FakeTimers;
  let opened: Promise<EventStream>;
  let heartbeats: number;

  beforeEach(async () => {
    timers = new FakeTimers();
    heartbeats = 0;
    server = fastify({ forceCloseConnections: true });
    opened = new Promise((resolve) => {
      server.get('/', (_request, reply) => {
        resolve(new EventStream(reply, timers, () => (heartbeats += 1)));
      });
    });
    await server.listen({ port: 0, host: '127.0.0.1' });
  });
  afterEach(() => server.close());

  /** A client that reads when the spec says so. */
  async function client(): Promise<IncomingMessage> {
    const { port } = server.server.address() as AddressInfo;
    const [answer] = (await once(get({ port, host: '127.0.0.1' }), 'response')) as [IncomingMessage];
    return answer.setEncoding('utf8');
  }

  async function textOf(answer: IncomingMessage): Promise<string> {
    let text = '';
    for await (const part of answer) text += String(part);
    return text;
  }

  it('has the form of the standard, and says why it ends', async () => {
    const answer = await client();
    const stream = await opened;
    stream.send({ id: 'log_1:4', type: 'call.ringing', data: '{"a":"line\\nbreak"}' });
    stream.end('call_ended');
    expect(answer.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
    });
    expect(await textOf(answer)).toBe(
      'retry: 2000\n\n' +
        'id: log_1:4\nevent: call.ringing\ndata: {"a":"line\\nbreak"}\n\n' +
        'event: stream.closed\ndata: {"reason":"call_ended"}\n\n',
    );
  });

  it('has a comment at every heartbeat, until it ends', async () => {
    const answer = await client();
    const stream = await opened;
    await timers.advance(2 * eventStreamLimits.heartbeatEveryMs);
    stream.end('stopping');
    await timers.advance(2 * eventStreamLimits.heartbeatEveryMs);
    expect((await textOf(answer)).match(/^: heartbeat$/gm)).toHaveLength(2);
    expect(heartbeats).toBe(2);
  });

  it('is cut when its client leaves more unread than may wait', async () => {
    const answer = await client();
    const stream = await opened;
    const data = 'x'.repeat(65_536);
    let sentBytes = 0;
    while (!stream.closed.aborted) {
      stream.send({ type: 'call.ringing', data });
      sentBytes += data.length;
      await new Promise((resolve) => setImmediate(resolve));
    }
    // The buffers of both sockets come on top.
    expect(sentBytes).toBeGreaterThan(eventStreamLimits.waitingBytesMax);
    await expect(textOf(answer)).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('waits for room with who wants to send more than the client has read', async () => {
    const answer = await client();
    const stream = await opened;
    const data = 'x'.repeat(65_536);
    const rounds = 400;
    const received = textOf(answer);
    for (let round = 0; round < rounds; round += 1) {
      stream.send({ type: 'call.ringing', data });
      await stream.room();
    }
    stream.end('call_ended');
    expect((await received).length).toBeGreaterThan(rounds * data.length);
  });

  it('is over as soon as the client goes', async () => {
    const answer = await client();
    const stream = await opened;
    const closed = once(stream.closed, 'abort');
    answer.destroy();
    await closed;
    await stream.room();
    await timers.advance(eventStreamLimits.heartbeatEveryMs);
    expect(heartbeats).toBe(0);
  });
});
