import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { OutboundClient, OutboundRequest } from './outbound-client.js';

type Received = { readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: string };
type ClientUnderTest = {
  /** A client that may reach 127.0.0.1 in test mode. */
  readonly client: OutboundClient;
  /** The same, with a total time of at most a second. */
  readonly hasty: OutboundClient;
};

/** Runs the contract of every OutboundClient. */
export function outboundClientContract(name: string, make: () => ClientUnderTest): void {
  describe(`the outbound client ${name}`, () => {
    const receiver = new Receiver();
    let parts: ClientUnderTest;

    beforeAll(async () => {
      await receiver.listen();
      parts = make();
    });
    afterAll(async () => {
      await Promise.all([parts.client.close(), parts.hasty.close()]);
      await receiver.close();
    });

    const to = (path: string, more: Partial<OutboundRequest> = {}): OutboundRequest => ({
      url: `${receiver.url}${path}`,
      mode: 'test',
      headers: { 'content-type': 'application/json', 'x-one': '1' },
      body: '{"näme":1}',
      answerBytesMax: 1_000,
      ...more,
    });
    const codeOf = async (client: OutboundClient, request: OutboundRequest) => {
      const failure = await client.post(request).then(
        ({ status }) => ({ code: `answered ${String(status)}` }),
        (error: unknown) => error as { readonly code: string },
      );
      return failure.code;
    };

    it('posts headers and body as they are, and gives status, content type and body', async () => {
      const answer = await parts.client.post(to('/echo?a=b%20c'));
      const [seen] = receiver.seen.splice(0);
      expect(seen).toMatchObject({ path: '/echo?a=b%20c', body: '{"näme":1}', headers: { 'x-one': '1' } });
      expect(seen?.headers['content-length']).toBe('11');
      expect({ ...answer, body: answer.body.toString() }).toEqual({
        status: 200,
        contentType: 'text/plain',
        body: '{"näme":1}',
      });
    });

    it.each([204, 301, 302, 307, 308, 400, 404, 410, 500, 503])('gives a status %i as it is', async (status) => {
      receiver.seen.length = 0;
      const answer = await parts.client.post(to(`/status/${String(status)}`));
      expect(answer.status).toBe(status);
      // A redirect leads back to the receiver: nobody went there.
      expect(receiver.seen.map(({ path }) => path)).toEqual([`/status/${String(status)}`]);
    });

    it('drops a body that nobody wants, and refuses one that is longer than wanted', async () => {
      expect((await parts.client.post(to('/long', { answerBytesMax: 0 }))).body.length).toBe(0);
      expect((await parts.client.post(to('/long', { answerBytesMax: 100_000 }))).body.length).toBe(100_000);
      expect(await codeOf(parts.client, to('/long', { answerBytesMax: 99_999 }))).toBe('outbound_answer_too_large');
      expect((await parts.client.post(to('/endless', { answerBytesMax: 0 }))).status).toBe(200);
    });

    it.each([
      ['/hang', 'outbound_timed_out'],
      ['/half', 'outbound_timed_out'],
      ['/endless', 'outbound_answer_too_large'],
      ['/trickle', 'outbound_timed_out'],
      ['/reset', 'outbound_connection_lost'],
      ['/rubbish', 'outbound_answer_invalid'],
      ['/headers', 'outbound_answer_invalid'],
    ])('ends %s with %s', async (path, code) => {
      expect(await codeOf(parts.hasty, to(path))).toBe(code);
    });

    it('says that nobody listens', async () => {
      const gone = new Receiver();
      await gone.listen();
      await gone.close();
      expect(await codeOf(parts.client, to('', { url: `${gone.url}/x` }))).toBe('outbound_connect_failed');
    });

    it.each([
      'ftp://127.0.0.1/',
      'file:///etc/passwd',
      'http://u:p@127.0.0.1/',
      'http://u@127.0.0.1/',
      '/x',
      'http://',
    ])('refuses the URL %s', async (url) => {
      expect(await codeOf(parts.client, to('', { url }))).toBe('outbound_url_invalid');
    });

    it('may reach this machine in test mode alone', async () => {
      expect(await codeOf(parts.client, to('/echo', { mode: 'live' }))).toBe('outbound_address_forbidden');
    });
  });
}

/** A receiver on this machine that answers well and badly. */
class Receiver {
  readonly seen: Received[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { url: path = '', headers } = request;
      const body = Buffer.concat(chunks).toString();
      this.seen.push({ path, headers, body });
      answer(path, body, response);
    });
  }).on('connection', (socket) => {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
  });
  url = '';

  listen(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.listen(0, '127.0.0.1', () => {
        this.url = `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
        resolve();
      });
    });
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

function answer(path: string, body: string, response: ServerResponse): void {
  const [, status] = /^\/status\/(\d{3})$/.exec(path) ?? [];
  if (status !== undefined) response.writeHead(Number(status), { location: '/elsewhere' }).end();
  else if (path.startsWith('/echo')) response.writeHead(200, { 'content-type': 'text/plain' }).end(body);
  else if (path === '/long') response.end('x'.repeat(100_000));
  else if (path === '/half') response.writeHead(200).write('x');
  else if (path === '/endless') endless(response);
  else if (path === '/trickle') trickle(response);
  else if (path === '/reset') response.socket?.resetAndDestroy();
  else if (path === '/rubbish') response.socket?.end('SSH-2.0-OpenSSH_9.9\r\n\r\n');
  else if (path === '/headers') response.writeHead(200, { 'x-long': 'x'.repeat(40_000) }).end();
  // Nothing: /hang.
}

function endless(response: ServerResponse): void {
  const more = () => {
    while (response.write('x'.repeat(16_384)));
    response.once('drain', more);
  };
  response.on('error', () => undefined);
  more();
}

/** Sends a byte before any time without bytes is over. */
function trickle(response: ServerResponse): void {
  const timer = setInterval(() => response.write('x'), 50);
  response.on('close', () => {
    clearInterval(timer);
  });
}
