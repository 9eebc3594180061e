import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PlatformProcess } from './platform-process.js';

const caller = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

describe('traces', () => {
  let collector: Server;
  const received: { readonly path: string; readonly bytes: string }[] = [];
  let platform: PlatformProcess;

  beforeAll(async () => {
    collector = createServer((request, answer) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        received.push({ path: request.url ?? '', bytes: Buffer.concat(parts).toString('latin1') });
        answer.end('{}');
      });
    });
    await new Promise<void>((listening) => collector.listen(0, '127.0.0.1', listening));
    const address = collector.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    platform = await PlatformProcess.start({
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${String(port)}` },
    });
  });
  afterAll(async () => {
    collector.close();
    await platform.discard();
  });

  it('go on from the caller’s, through the answer and the event, to the collector, and hold no number', async () => {
    const body = { from_number: '+15005550100', to_number: '+15005550003', flow_url: 'https://example.com/flow' };
    const { sandboxKey } = platform.keys;
    const placed = await platform.ask(sandboxKey, 'POST', '/api/v1/voice/calls/initiate', body, {
      traceparent: caller,
    });
    const given = placed.headers.get('traceparent') ?? '';
    expect(given).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/);
    expect(given).not.toBe(caller);

    const position = placed.headers.get('ringfence-position') ?? '';
    const audit = `/api/v1/audit/events?from=${position}&limit=1&min_position=${position}`;
    const { json } = await platform.ask(sandboxKey, 'GET', audit);
    const [event] = (json as { data: readonly { bytes: string }[] }).data;
    expect(JSON.parse(Buffer.from(event?.bytes ?? '', 'base64').toString('utf8'))).toMatchObject({
      traceparent: given,
    });

    expect(await platform.stop()).toBe(0);
    expect(received.map(({ path }) => path)).toEqual(expect.arrayContaining(['/v1/traces', '/v1/metrics']));
    const everything = received.map(({ bytes }) => bytes).join('');
    expect(everything).toContain('/api/v1/voice/calls/initiate');
    for (const secret of [sandboxKey, '15005550100', '15005550003']) expect(everything).not.toContain(secret);
  });
});
