import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from '@jest/globals';
import { RingfenceClient } from '../client.js';

const account = 'acc_0123456789ABCDEFGHJKMNPQRS';
const call = { from_number: '+15005550100', to_number: '+15005550000' };
const warning = { code: 'recording_not_made', field: 'record', detail: 'No call is recorded.' };
const placed = JSON.stringify({ id: 'cs_0123456789ABCDEFGHJKMNPQRS', warnings: [warning] });
const retry = { attemptsMax: 3, firstPauseMs: 1, pauseMsMax: 2 };

type Answer = (response: ServerResponse) => void;
let server: Server | undefined;
let client: RingfenceClient | undefined;

/**
 * A platform of which nothing is real but its connections: it gives these answers, the last of them again and again.
 */
async function platformThat(
  ...answers: readonly Answer[]
): Promise<{ readonly client: RingfenceClient; readonly keys: readonly unknown[] }> {
  const keys: unknown[] = [];
  const serving = createServer((request: IncomingMessage, response) => {
    const answer = answers[Math.min(keys.length, answers.length - 1)];
    keys.push(request.headers['idempotency-key']);
    request.resume().once('end', () => answer?.(response));
  });
  server = serving;
  await new Promise<void>((resolve) => serving.listen(0, '127.0.0.1', resolve));
  const { port } = serving.address() as AddressInfo;
  client = await RingfenceClient.open({
    account,
    http: { url: `http://127.0.0.1:${String(port)}`, apiKey: 'rf_test_key' },
    retry,
  });
  return { client, keys };
}

afterEach(async () => {
  await client?.close();
  server?.closeAllConnections();
  server?.close();
});

const whole: Answer = (response) => {
  response.writeHead(202, {
    'content-type': 'application/json',
    'ringfence-position': 'log:7',
    'idempotent-replayed': 'true',
  });
  response.end(placed);
};
/** Breaks the connection in the middle of the body. */
const cutOff: Answer = (response) => {
  response.writeHead(202, { 'content-type': 'application/json', 'content-length': String(placed.length) });
  response.write(placed.slice(0, placed.length / 2), () => response.destroy());
};
const page: Answer = (response) => {
  response.writeHead(200, { 'content-type': 'text/html' });
  response.end('<h1>Welcome</h1>');
};

it.each([
  ['breaks off', cutOff],
  ['is no answer of the platform’s', page],
])('a command whose answer %s is asked for again with the same id, and has its outcome', async (_how, unreadable) => {
  const { client: asker, keys } = await platformThat(unreadable, whole);
  const outcome = await asker.send('place_call', call, { id: 'order-17' });
  expect(outcome).toEqual({
    status: 'accepted',
    id: 'order-17',
    position: 'log:7',
    replayed: true,
    result: { callId: 'cs_0123456789ABCDEFGHJKMNPQRS', warnings: ['recording_not_made'] },
  });
  expect(keys).toEqual(['order-17', 'order-17']);
});

it('a command whose answers cannot be read has an unknown outcome after the last attempt', async () => {
  const { client: asker, keys } = await platformThat(cutOff);
  const outcome = await asker.send('place_call', call, { id: 'order-17' });
  expect(outcome).toMatchObject({ status: 'unknown', id: 'order-17', code: 'reply_unreadable' });
  expect(keys).toEqual(Array(retry.attemptsMax).fill('order-17'));
});
