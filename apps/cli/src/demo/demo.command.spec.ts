import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import { expect, it } from '@jest/globals';
import { run } from '../program.js';

it('says where an admin key is looked for, and that another data folder may have it', async () => {
  const server = createServer((_request, response) => response.end('{}'));
  await new Promise<void>((listening) => {
    server.listen(0, '127.0.0.1', listening);
  });
  let result = '';
  const sink = new Writable({
    write: (chunk, _encoding, done) => {
      result += String(chunk);
      done();
    },
  });
  const streams = { out: sink, err: sink } as unknown as Parameters<typeof run>[2];
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const environment = { RINGFENCE_DATA_DIR: '/nonexistent' };
  await run(['node', 'ringfence', 'demo', '--url', url], environment, streams);
  server.closeAllConnections();
  server.close();
  expect(result).toContain('an admin key is needed');
  expect(result).toContain('RINGFENCE_DATA_DIR with the data folder of a server on this machine');
  expect(result).toContain('/nonexistent/admin-key');
});
