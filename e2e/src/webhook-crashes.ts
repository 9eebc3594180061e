import { expect } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { PlatformProcess } from './platform-process.js';
import { caller, patienceMs, until } from './test-accounts.js';
import { type ReceivedEvent, UnreliableReceiver } from './unreliable-receiver.js';

const callsPerLife = 4;

/**
 * Kills a platform again and again while it sends webhooks to a receiver that fails, hangs and resets. Every event then
 * arrived at least once, in the order of its call and signed, and nothing is pending.
 */
export async function killWhileWebhooksAreSent(kills: number): Promise<void> {
  const receiver = new UnreliableReceiver();
  await receiver.listen(20_261_130);
  let platform = await PlatformProcess.start({ env: { RINGFENCE_SANDBOX_SPEED: '20' } });
  try {
    const created = await platform.ask(platform.keys.sandboxKey, 'POST', '/api/v1/secrets', { name: 'receiver' });
    const { secret_value: secret } = created.json as { readonly secret_value: string };
    const calls: string[] = [];
    for (let life = 0; life < kills; life += 1) {
      for (let nth = 0; nth < callsPerLife; nth += 1) calls.push(await placeWithCallback(platform, receiver.url));
      const before = receiver.received.length;
      await until('some are sent', patienceMs, () => Promise.resolve(receiver.received.length > before));
      await platform.kill9();
      platform = await platform.startAgain();
    }
    receiver.isHealed = true;
    const ended = () => new Set(receiver.received.filter(({ taken, type }) => taken && isEnd(type)).map(callOf));
    await until('every call has its final status', patienceMs, () => Promise.resolve(ended().size === calls.length));
    await until('nothing is pending', patienceMs, async () => (await pendingDeliveries(platform)) === 0);
    expectWhole(receiver, calls, secret);
  } finally {
    receiver.close();
    await platform.discard();
  }
}

function expectWhole(receiver: UnreliableReceiver, calls: readonly string[], secret: string): void {
  for (const callId of calls) {
    const events = receiver.received.filter((event) => event.callId === callId);
    expectInOrder(events);
    const taken = new Set(events.filter((event) => event.taken).map(({ sequence }) => sequence));
    expect([...taken].sort()).toEqual([...taken].map((_, at) => at));
    expect(events[0]?.type).toBe('call.initiated');
  }
  for (const { body, headers } of receiver.received) {
    const old = new Date(Number(headers['webhook-timestamp']) * 1_000);
    const expected = new Webhook(secret).sign(headers['webhook-id'] ?? '', old, body);
    expect(headers['webhook-signature']).toBe(expected);
  }
}

/** Places a call whose events go to the URL; answers with its id. */
export async function placeWithCallback(platform: PlatformProcess, url: string): Promise<string> {
  const answer = await platform.ask(platform.keys.sandboxKey, 'POST', '/api/v1/voice/calls/initiate', {
    from_number: caller,
    to_number: '+15005550006',
    status_callback_url: url,
  });
  expect(answer.status).toBe(202);
  return (answer.json as { readonly id: string }).id;
}

export async function pendingDeliveries(platform: PlatformProcess): Promise<number> {
  const { json } = await platform.ask(
    platform.keys.sandboxKey,
    'GET',
    '/api/v1/events?delivery_status=pending&limit=100',
  );
  return (json as { readonly data: readonly object[] }).data.length;
}

/** Events as their receiver saw them: the next one is only sent once the one before was taken. */
function expectInOrder(events: readonly ReceivedEvent[]): void {
  let taken = -1;
  for (const { sequence, taken: isTaken } of events) {
    expect(sequence).toBeLessThanOrEqual(taken + 1);
    if (isTaken) taken = Math.max(taken, sequence);
  }
}

function isEnd(type: string): boolean {
  return type === 'call.completed' || type === 'call.failed';
}

function callOf({ callId }: ReceivedEvent): string {
  return callId;
}
