import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PlatformProcess } from './platform-process.js';

const initiate = '/api/v1/voice/calls/initiate';
const right = { from_number: '+15005550100', to_number: '+15005550003', flow_url: 'https://example.com/flow' };
/** Never seen again: not in an answer, not in the log. */
const marker = 'Zebrafink7741';

describe('hostile input', () => {
  let platform: PlatformProcess;
  const statuses: number[] = [];

  beforeAll(async () => {
    platform = await PlatformProcess.start({ env: { RINGFENCE_LOG_LEVEL: 'debug' } });
  });
  afterAll(async () => {
    await platform.discard();
  });

  async function sent(body: string, contentType: string, path = initiate, method = 'POST') {
    const headers = { 'x-api-key': platform.keys.sandboxKey, 'content-type': contentType };
    const answer = await fetch(platform.url + path, { method, headers, body });
    statuses.push(answer.status);
    return { status: answer.status, text: await answer.text(), headers: answer.headers };
  }
  const sentJson = (body: unknown, path = initiate) => sent(JSON.stringify(body), 'application/json', path);

  it.each([
    ['nothing of an object', '{"from_number":', 400],
    ['a lone word', 'null and void', 400],
    ['half of UTF-8', '{"from_number":"\\ud800"}', 422],
    ['a polluted prototype', '{"__proto__":{"admin":true}}', 400],
    ['a constructor of its own', '{"constructor":{"prototype":{"admin":true}}}', 400],
    ['a list', '[]', 422],
    ['a number', '7', 422],
    ['null', 'null', 422],
    ['deep nesting', `${'['.repeat(50_000)}${']'.repeat(50_000)}`, 422],
  ])('is rejected: %s', async (_what, body, status) => {
    const answer = await sent(body, 'application/json');
    expect([answer.status, JSON.parse(answer.text)]).toMatchObject([
      status,
      { success: false, code: expect.any(String) },
    ]);
  });

  it.each([
    'text/plain',
    'application/xml',
    'multipart/form-data; boundary=x',
    'application/x-www-form-urlencoded',
    'nonsense',
  ])('is rejected in another content type: %s', async (contentType) => {
    expect((await sent('from_number=1', contentType)).status).toBe(415);
  });

  it('is rejected when the body is too large: 256 KiB and one byte, and 10 MB', async () => {
    for (const size of [262_145, 10_000_000]) {
      const answer = await sent(`"${'x'.repeat(size - 2)}"`, 'application/json').catch(() => ({ status: 413 }));
      expect(answer.status).toBe(413);
    }
  });

  it.each([
    ['from_number', 15005550100],
    ['to_number', true],
    ['to_number', ['+15005550100']],
    ['to_number', { number: '+15005550100' }],
    ['to_number', '15005550100'],
    ['to_number', '+05005550100'],
    ['to_number', '+1'],
    ['to_number', '+12345678901234567'],
    ['to_number', '+1 500 555 0100'],
    ['to_number', '+1500555010０'],
    ['to_number', '+١٥٠٠٥٥٥٠١٠٠'],
    ['to_number', '+15005550100\n'],
    ['to_number', '\u202e+15005550100'],
    ['to_number', "+15005550100'; drop table log.event; --"],
    ['to_number', ''],
    ['flow_url', 'javascript:alert(1)'],
    ['flow_url', 'file:///etc/passwd'],
    ['flow_url', 'https://user:secret@example.com/'],
    ['flow_url', 'https://example.com/\u0000'],
    ['flow_url', `https://example.com/${'a'.repeat(3_000)}`],
    ['flow_url', 'https://exa mple.com/'],
    ['record', 'yes'],
    ['record', 1],
  ])('is rejected, naming the field: %s = %j', async (field, value) => {
    const answer = await sentJson({ ...right, [field]: value });
    expect([answer.status, JSON.parse(answer.text)]).toMatchObject([
      422,
      { success: false, code: 'validation_failed', errors: [{ loc: ['body', field] }] },
    ]);
  });

  it('is rejected for an unknown field, and for a missing one', async () => {
    const unknown = await sentJson({ ...right, priority: 1 });
    expect([unknown.status, JSON.parse(unknown.text)]).toMatchObject([
      422,
      { errors: [{ loc: ['body', 'priority'], type: 'unknown_field' }] },
    ]);
    const missing = await sentJson({ from_number: right.from_number, flow_url: right.flow_url });
    expect([missing.status, JSON.parse(missing.text)]).toMatchObject([
      422,
      { errors: [{ loc: ['body', 'to_number'] }] },
    ]);
  });

  it('names the field by an RFC 6901 pointer outside the Teler group', async () => {
    const { status, json } = await platform.ask(platform.keys.adminKey, 'POST', '/api/v1/accounts', {
      name: 'A\u0007B',
      currency: 'usd',
      'a/b~c': 1,
    });
    expect([status, json]).toMatchObject([
      422,
      {
        code: 'validation_failed',
        errors: expect.arrayContaining([expect.objectContaining({ pointer: '#/a~1b~0c' })]),
      },
    ]);
  });

  it('takes one text for one value, however its letters are composed', async () => {
    const account = (name: string) =>
      platform.ask(
        platform.keys.adminKey,
        'POST',
        '/api/v1/accounts',
        { name, currency: 'USD' },
        { 'idempotency-key': 'composed' },
      );
    const [first, second] = [await account('Z\u00fcrich'), await account('Zu\u0308rich')];
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.json).toEqual(first.json);
  });

  it.each([
    'limit=0',
    'limit=101',
    'limit=ten',
    'limit=1&limit=2',
    'state=lost',
    'cursor_after=%00',
    'cursor_after=e30',
    'colour=red',
    'created_after=yesterday',
    'created_after=2026-02-30T99:00:00Z',
    'min_position=log:1',
    "from_number=' or 1=1 --",
    'cursor_after=WzFd&cursor_before=WzFd',
    'limit[]=1',
    '__proto__=1',
    'toString=1',
  ])('is rejected in a query: %s', async (query) => {
    const answer = await fetch(`${platform.url}/api/v1/voice/calls?${query}`, {
      headers: { 'x-api-key': platform.keys.sandboxKey },
    });
    statuses.push(answer.status);
    expect([400, 422]).toContain(answer.status);
  });

  it.each([
    '/api/v1/voice/calls/%',
    '/api/v1/voice/calls/%00',
    '/api/v1/voice/calls/..%2f..%2fetc%2fpasswd',
    `/api/v1/voice/calls/${'a'.repeat(2_000)}`,
    '/api/v1/voice/calls/cs_%27%20or%201=1',
    '//api//v1',
    '/api/v1/voice/calls/',
  ])('is rejected in a path: %s', async (path) => {
    const answer = await fetch(platform.url + path, { headers: { 'x-api-key': platform.keys.sandboxKey } });
    statuses.push(answer.status);
    expect([400, 404, 414]).toContain(answer.status);
  });

  it('is rejected at every route for a query parameter that the route does not know', async () => {
    const document = (await platform.ask('', 'GET', '/api/docs/openapi.json')).json as {
      readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly security?: readonly object[] }>>>>;
    };
    const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, { security = [] }]) =>
        security.length > 0 ? [[method.toUpperCase(), path] as const] : [],
      ),
    );
    expect(routes.length).toBeGreaterThan(30);
    for (const [method, path] of routes) {
      const there = path.replaceAll(/\{\w+\}/g, 'x');
      const { status, json } = await platform.ask(platform.keys.adminKey, method, `${there}?colour=red`);
      statuses.push(status);
      expect([method, path, status, json]).toMatchObject([method, path, 422, { code: 'validation_failed' }]);
      expect(JSON.stringify(json)).toContain('colour is not a query parameter of this request');
    }
  });

  it('is rejected, with a clear message, where something occurs twice or would have no effect', async () => {
    const calls = '/api/v1/voice/calls';
    const ask = async (path: string) => (await platform.ask(platform.keys.sandboxKey, 'GET', path)).json;
    expect(await ask(`${calls}?limit=1&limit=2`)).toMatchObject({ message: 'limit is given more than once' });
    expect(await ask(`${calls}/cs_1?wait_seconds=5`)).toMatchObject({
      code: 'validation_failed',
      errors: [{ loc: ['query', 'wait_seconds'], msg: 'has no effect without wait_for' }],
    });
    const twice = await sent(JSON.stringify(right).replace('{', '{"to_number":"+15005550000",'), 'application/json');
    expect([twice.status, JSON.parse(twice.text)]).toMatchObject([400, { code: 'body_ambiguous' }]);
  });

  it('is rejected by method, and the answer lists the allowed ones', async () => {
    const answer = await sent('', 'application/json', initiate, 'PUT');
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST']);
  });

  it.each([
    ['a flood of headers', 'x-flood: y\r\n'.repeat(3_000), 431],
    ['one header too long', `x-long: ${'y'.repeat(20_000)}\r\n`, 431],
    ['a broken header', 'no colon here\r\n', 400],
    ['two lengths', 'content-length: 5\r\ncontent-length: 6\r\n', 400],
    ['smuggled chunks', 'content-length: 5\r\ntransfer-encoding: chunked\r\n', 400],
    [
      'an Idempotency-Key with a line break in it',
      `x-api-key: %KEY%\r\ncontent-type: application/json\r\nidempotency-key: a\tb\r\ncontent-length: 2\r\n`,
      422,
    ],
  ])('is rejected: %s', async (_what, headers, status) => {
    const raw = await spoken(
      `POST ${initiate} HTTP/1.1\r\nhost: ringfence\r\n${headers.replace('%KEY%', platform.keys.sandboxKey)}\r\n{}`,
    );
    statuses.push(Number(raw.slice(9, 12)));
    expect(raw.slice(0, 12)).toBe(`HTTP/1.1 ${String(status)}`);
  });

  it.each([
    ['no key', {}, 401],
    ['a key that is none', { 'x-api-key': marker }, 401],
    ['a key with a letter changed', { 'x-api-key': `rf_test_${'0'.repeat(36)}` }, 401],
    ['two different keys', { 'x-api-key': 'a', authorization: 'Bearer b' }, 400],
    ['a key in Basic', { authorization: 'Basic cmY6cmY=' }, 401],
  ])('is rejected: %s', async (_what, headers, status) => {
    const answer = await fetch(platform.url + initiate, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: '{}',
    });
    statuses.push(answer.status);
    expect(answer.status).toBe(status);
    expect(await answer.text()).not.toContain(marker);
  });

  it('writes no line into the log that the client has made up, and nothing of what it sent', async () => {
    const forged = `${marker}\r\n{"level":"fatal","msg":"forged"}`;
    await sentJson({ ...right, flow_url: forged, [forged]: forged });
    await platform.ask(marker, 'GET', `/api/v1/voice/calls/${marker}?${marker}=${marker}`, undefined, {
      'user-agent': marker,
    });
    await sentJson({ ...right, from_number: '+4930901820' });
    for (const line of platform.stderr.trim().split('\n'))
      expect(JSON.parse(line)).not.toMatchObject({ msg: 'forged' });
    expect(platform.stderr).not.toContain(marker);
    expect(platform.stderr).not.toContain('+4930901820');
    expect(platform.stderr).not.toContain(platform.keys.sandboxKey);
  });

  it('is never answered by a 5xx, and the server goes on', async () => {
    expect(statuses.length).toBeGreaterThan(50);
    expect(statuses.filter((status) => status >= 500)).toEqual([]);
    expect((await sentJson(right)).status).toBe(202);
    expect(platform.stderr).not.toMatch(/"level":"(error|fatal)"/);
  });

  /** Speaks raw bytes. @returns the head of what the server says, and what came with it */
  function spoken(request: string): Promise<string> {
    const { hostname, port } = new URL(platform.url);
    return new Promise((resolve) => {
      let received = '';
      const socket = connect(Number(port), hostname, () => socket.write(request));
      socket.setEncoding('utf8').on('data', (text: string) => {
        received += text;
        if (received.includes('\r\n\r\n')) socket.destroy();
      });
      socket
        .on('error', () => undefined)
        .on('close', () => {
          resolve(received);
        });
    });
  }
});
