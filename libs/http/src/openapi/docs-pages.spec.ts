import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';
import { HEALTH, METRICS_TEXT } from '../edge/ports.js';
import { OperationsModule } from '../operations/operations.module.js';
import { createHttpServer } from '../server.js';

const published = readFileSync(fileURLToPath(new URL('../../../../docs/asyncapi.json', import.meta.url)), 'utf8');

/** Asks a server whose topics have this prefix for a path, by default that of its AsyncAPI document. */
async function servedWith(
  topics: { readonly topicPrefix?: string },
  path = '/api/docs/asyncapi.json',
  headers: Readonly<Record<string, string>> = {},
) {
  const app = await createHttpServer({
    module: OperationsModule.with([
      { provide: HEALTH, useValue: { parts: () => Promise.resolve({}) } },
      { provide: METRICS_TEXT, useValue: { contentType: 'text/plain', text: () => Promise.resolve('') } },
    ]),
    trustedProxies: [],
    metrics: { rejected: () => undefined, answered: () => undefined },
    onFault: () => undefined,
    logger: { log: () => undefined, warn: () => undefined, error: () => undefined },
    ...topics,
  });
  await app.listen(0, '127.0.0.1');
  const answer = await fetch(`${await app.getUrl()}${path}`, { headers });
  const type = answer.headers.get('content-type');
  const kept = { control: answer.headers.get('cache-control'), tag: answer.headers.get('etag') };
  const served = { status: answer.status, type, kept, text: await answer.text(), at: new URL(answer.url).pathname };
  await app.close();
  return served;
}

it('the published AsyncAPI document is the one that a server gives', async () => {
  const { status, type, text } = await servedWith({});
  expect({ status, type }).toEqual({ status: 200, type: 'application/json; charset=utf-8' });
  expect(JSON.parse(text)).toEqual(JSON.parse(published));
});

it('the AsyncAPI document that a server gives names the topics as they are called there', async () => {
  const { text } = await servedWith({ topicPrefix: 'blue' });
  const there = JSON.parse(text) as { readonly channels: Record<string, { readonly address: string }> };
  const addresses = Object.values(there.channels).map(({ address }) => address);
  expect(addresses).toEqual(['blue.events', 'blue.commands', 'blue.replies', 'blue.watermarks', 'blue.commands.dlq']);
  const asPublished = JSON.parse(text.replaceAll('"address":"blue.', '"address":"ringfence.')) as unknown;
  expect(asPublished).toEqual(JSON.parse(published));
});

it.each(['/', '/api/docs', '/api/docs/', '/api/docs/problems'])(
  'the page at %s asks for nothing above the path that a proxy serves it at',
  async (path) => {
    const { status, text, at } = await servedWith({}, path);
    expect({ status, at }).toEqual({ status: 200, at: path === '/api/docs/problems' ? path : '/api/docs' });
    const addresses = [...text.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, address]) => address);
    const below =
      path === '/api/docs/problems' ? /^(?:[\w/]+\.md)?(?:#[\w-]+)?$|^data:,$/ : /^(?:docs\/[\w.-]+|data:,)$/;
    expect(addresses.filter((address) => !below.test(address ?? ''))).toEqual([]);
    expect(text).toContain('<link rel="icon" href="data:,">');
  },
);

it.each([
  ['/api/docs/llms.txt', 'text/plain; charset=utf-8', '# Ringfence\n'],
  ['/api/docs/backend.md', 'text/markdown; charset=utf-8', '# For backend teams'],
  ['/api/docs/problems.md', 'text/markdown; charset=utf-8', '# Problems\n'],
  ['/api/docs/problems/key_missing.md', 'text/markdown; charset=utf-8', '# key_missing\n'],
])('the documentation at %s is %s, and is not sent again to who has it', async (path, type, begins) => {
  const served = await servedWith({}, path);
  expect(served).toMatchObject({ status: 200, type, kept: { control: 'public, max-age=3600' } });
  expect(served.text.startsWith(begins)).toBe(true);
  const again = await servedWith({}, path, { 'if-none-match': served.kept.tag ?? '' });
  expect(again).toMatchObject({ status: 304, text: '' });
});

it.each(['/api/docs/testing.md', '/api/docs/adr/0001-position-outside-the-bytes.md', '/api/docs/problems/none.md'])(
  'nothing is at %s',
  async (path) => {
    expect(await servedWith({}, path)).toMatchObject({ status: 404 });
  },
);
