import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { afterEach, expect, it } from '@jest/globals';
import { banner } from './banner.js';

const asked: string[] = [];
const placed = '{"id":"cs_01M8M1CBMP2TXTZENBMD3CS965","state":"initiated"}';
const refused = '{"success":false,"code":"key_not_accepted"}';
let answer = placed;
const server = createServer(({ method, url }, response) => {
  asked.push(`${method ?? ''} ${url ?? ''}`);
  response.end(answer);
});

afterEach(() => {
  server.close();
  asked.length = 0;
});

/** Runs the lines to paste in a shell whose standard error cannot be opened by name, as after `su`. */
async function paste() {
  await new Promise<void>((listening) => {
    server.listen(0, '127.0.0.1', listening);
  });
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const where = { url, dataDir: '.ringfence', database: '', roles: [], tookMs: 1_000, testReachesLoopback: true };
  const text = banner(where, { adminKey: 'rf_live_a', sandboxKey: 'rf_test_s', accountId: 'acc_1' });
  const lines = text.split('\n').filter((line) => /^ {2}(CALL=|curl )/.test(line));
  return promisify(execFile)('sh', ['-c', lines.join('\n')]);
}

it('the lines to paste place a call, show the answer and follow it, whatever standard error is', async () => {
  answer = placed;
  const { stdout, stderr } = await paste();
  expect(stderr).toBe('');
  expect(stdout).toBe(`${placed}\n${placed}${placed}`);
  const call = '/api/v1/voice/calls/cs_01M8M1CBMP2TXTZENBMD3CS965';
  expect(asked).toEqual(['POST /api/v1/voice/calls/initiate', `GET ${call}`, `GET ${call}/authorization`]);
});

it('the lines to paste show a refusal too', async () => {
  answer = refused;
  expect((await paste()).stdout.split('\n')[0]).toBe(refused);
});
