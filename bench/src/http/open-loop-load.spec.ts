import { afterEach, describe, expect, it } from '@jest/globals';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { allAccepted } from './all-accepted.js';
import { openLoopLoad } from './open-loop-load.js';

const answered = (status: string) => `HTTP/1.1 ${status}\r\ncontent-length: 2\r\n\r\n{}`;
const servers: Server[] = [];

async function loadOn(server: Server, { perSecond = 200, connections = 8 } = {}) {
  servers.push(server);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${String(port)}/`;
  return openLoopLoad({ url, key: 'k', body: {}, connections, seconds: 0.2, perSecond });
}

/** Answers each request by its number, from 1. */
function answering(answerTo: (request: number) => string): Server {
  let requests = 0;
  return createServer((socket) => {
    socket
      .on('error', () => undefined)
      .on('data', () => {
        requests += 1;
        const text = answerTo(requests);
        if (text === '') socket.destroy();
        else socket.write(text);
      });
  });
}

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

describe('an open-loop load', () => {
  it('gives a figure when every request was accepted', async () => {
    const result = await loadOn(answering(() => answered('202 Accepted')));
    expect(result).toMatchObject({ statuses: { '202': 40 }, errors: 0 });
    allAccepted('the round', result, 40);
  });

  it('uses each of its connections, so that the server ends none for having rested', async () => {
    const used = new Set<unknown>();
    const result = await loadOn(
      createHttpServer((request, response) => {
        used.add(request.socket);
        request.resume();
        response.writeHead(202, { 'content-length': 0 }).end();
      }),
    );
    expect([used.size, result.statuses]).toEqual([8, { '202': 40 }]);
  });

  it('takes an answer that it did not ask for for no answer to anything', async () => {
    const twice = answered('202 Accepted') + answered('400 Bad Request');
    const result = await loadOn(answering(() => twice));
    expect(result).toMatchObject({ statuses: { '202': 40 }, errors: 40 });
    expect(() => {
      allAccepted('the round', result, 40);
    }).toThrow('not all of 40 calls were accepted');
  });

  it('passes over a connection that was ended while it rested', async () => {
    let connections = 0;
    const server = createServer((socket) => {
      socket.on('error', () => undefined).on('data', () => socket.write(answered('202 Accepted')));
      connections += 1;
      if (connections <= 4) socket.end();
    });
    const result = await loadOn(server, { perSecond: 50 });
    expect(result.statuses['202']).toBe(10 - result.errors);
    // One may have been asked in the very moment in which its connection ended.
    expect(result.errors).toBeLessThanOrEqual(4);
  });

  it.each([
    [
      'one request in forty was refused',
      (request: number) => answered(request === 7 ? '429 Too Many' : '202 Accepted'),
    ],
    ['one request in forty was cut off', (request: number) => (request === 7 ? '' : answered('202 Accepted'))],
  ])('gives no figure when %s', async (_what, answerTo) => {
    const result = await loadOn(answering(answerTo));
    expect(() => {
      allAccepted('the round', result, 40);
    }).toThrow('not all of 40 calls were accepted');
  });
});
