import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { connectionLimits, Connections, noteKnownClient } from './connections.js';

const get = (path: string) => `GET ${path} HTTP/1.1\r\nhost: here\r\n\r\n`;
/** More than a kernel takes of one answer. */
const tooBigToBeTaken = Buffer.alloc(32_000_000);

describe('connections', () => {
  let server: Server;
  let connections: Connections;
  let nowMs: number;
  let cut: string[];
  let answers: (() => void)[];
  const sockets: Socket[] = [];

  beforeEach(async () => {
    [nowMs, cut, answers] = [0, [], []];
    server = createServer((request, response) => {
      if (request.url === '/known') noteKnownClient(request.socket);
      if (request.url === '/held') answers.push(() => response.end('held'));
      else if (request.url === '/big') response.end(tooBigToBeTaken);
      else response.end('ok');
    });
    connections = new Connections(
      server,
      (code) => cut.push(code),
      () => nowMs,
    );
    expect(server.maxConnections).toBe(connectionLimits.connectionsMax);
    // The same bound, reached sooner.
    server.maxConnections = 6;
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  });
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
    server.close();
  });

  async function atBothEnds(): Promise<{ readonly here: Socket; readonly there: Socket }> {
    const { port } = server.address() as AddressInfo;
    const there = once(server, 'connection');
    const socket = connect(port, '127.0.0.1')
      .setEncoding('latin1')
      .on('error', () => undefined);
    sockets.push(socket);
    const [accepted] = await Promise.all([there, once(socket, 'connect')]);
    return { here: socket, there: accepted[0] as Socket };
  }

  const opened = async (): Promise<Socket> => (await atBothEnds()).here;

  async function begunOn(socket: Socket, path: string): Promise<Socket> {
    const begun = once(server, 'request');
    socket.write(get(path));
    await begun;
    return socket;
  }

  async function asked(socket: Socket, path: string): Promise<string> {
    const answer = once(socket, 'data');
    socket.write(get(path));
    return String((await answer)[0]);
  }

  async function atWork(): Promise<Socket> {
    return begunOn(await opened(), '/held');
  }

  async function half(text: string): Promise<Socket> {
    const socket = await opened();
    socket.write(text);
    return socket;
  }

  async function closed(socket: Socket): Promise<void> {
    if (!socket.resume().closed) await once(socket, 'close');
  }

  it('are closed as they come while every other one is at work, which is served as before', async () => {
    const working: Socket[] = [];
    while (working.length < server.maxConnections - 1) working.push(await atWork());
    await closed(await opened());
    expect(cut).toEqual(['connections_full']);
    const received = working.map((socket) => once(socket, 'data'));
    for (const answer of answers) answer();
    for (const answer of received) expect(String((await answer)[0])).toMatch(/^HTTP\/1\.1 200 /);
    expect(await asked(await opened(), '/')).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('make room for a new one in this order: slow, with an answer not taken, idle, idle of a known client, just come', async () => {
    server.maxConnections = 100;
    const silent = await opened();
    const headless = await half('GET /half HTTP/1.1\r\nhost: he');
    const begun = once(server, 'request');
    const bodiless = await half('POST / HTTP/1.1\r\nhost: here\r\ncontent-length: 9\r\n\r\n{');
    await begun;
    nowMs += connectionLimits.slowAfterMs;
    const known = await opened();
    await asked(known, '/known');
    const idle = await opened();
    await asked(idle, '/');
    const working = await atWork();
    const deaf = await begunOn((await opened()).pause(), '/big');
    const fresh = await opened();

    let held = 8;
    for (const [gone, code] of [
      [[silent, headless, bodiless], 'connection_slow'],
      [[deaf], 'answer_not_taken'],
      [[idle], 'connection_idle'],
      [[known], 'connection_idle'],
      [[fresh], 'connection_slow'],
    ] as const) {
      server.maxConnections = held + 1;
      const newest = await atBothEnds();
      expect(cut.splice(0)).toEqual(gone.map(() => code));
      await Promise.all(gone.map(closed));
      held -= gone.length;
      newest.here.destroy();
      await once(newest.there, 'close');
    }
    server.maxConnections = held + 1;
    await closed(await opened());
    expect(cut).toEqual(['connections_full']);
    const received = once(working, 'data');
    for (const answer of answers) answer();
    expect(String((await received)[0])).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('that are all half open or slow never keep others out', async () => {
    for (let round = 0; round < 20; round += 1) {
      for (let n = 0; n < 4; n += 1)
        await half(n % 2 === 0 ? '' : 'POST / HTTP/1.1\r\nhost: here\r\ncontent-length: 9\r\n\r\n{');
      nowMs += connectionLimits.slowAfterMs;
      expect(await asked(await opened(), '/')).toMatch(/^HTTP\/1\.1 200 /);
    }
  });

  it('are cut, at most so many at once, longest unused first', async () => {
    server.maxConnections = connectionLimits.cutAtOnceMax + 3;
    const line: Socket[] = [];
    while (line.length < connectionLimits.cutAtOnceMax + 2) line.push(await opened());
    for (const socket of line) await asked(socket, '/');
    const [first] = line;
    if (first !== undefined) await asked(first, '/');
    await opened();
    expect(cut).toHaveLength(connectionLimits.cutAtOnceMax);
    await Promise.all(line.slice(1, -1).map(closed));
    expect([first?.closed, line.at(-1)?.closed]).toEqual([false, false]);
  });

  it('are cut when an answer has not been taken in time, and not before', async () => {
    await begunOn((await opened()).pause(), '/big');
    connections.lookThrough();
    nowMs += connectionLimits.takeAnswerMsMax - 1;
    connections.lookThrough();
    expect(cut).toEqual([]);
    nowMs += 1;
    connections.lookThrough();
    expect(cut).toEqual(['answer_not_taken']);
  });

  it('are cut when more requests wait on one than may', async () => {
    const socket = await opened();
    socket.write(get('/held').repeat(connectionLimits.pipelinedMax));
    while (answers.length < connectionLimits.pipelinedMax) await once(server, 'request');
    expect(cut).toEqual([]);
    socket.write(get('/held'));
    await closed(socket);
    expect(cut).toEqual(['requests_pipelined']);
  });
});
