import { all, bothWays, hiddenCall, type Mode, type Row, type World } from './mode-rows.js';
import type { PlatformProcess } from './platform-process.js';
import { caller, type Customer, patienceMs, until } from './test-accounts.js';

/** Places a test call with a status callback at which nobody listens. @returns the id of its first event */
export async function deliveredEvent(platform: PlatformProcess, { secret }: Customer): Promise<string> {
  const call = {
    ...{ from_number: caller, to_number: '+442079460123', flow_url: 'https://flow.example.com/' },
    status_callback_url: 'http://127.0.0.1:9/',
  };
  const { status } = await platform.ask(secret, 'POST', '/api/v1/voice/calls/initiate', call);
  if (status !== 202) throw new Error(`the call was refused: ${String(status)}`);
  let found = '';
  await until('the event of the call is queued', patienceMs, async () => {
    const { json } = await platform.ask(secret, 'GET', '/api/v1/events?type=call.initiated');
    const { data } = json as { readonly data: readonly { readonly id: string }[] };
    found = data[0]?.id ?? '';
    return found !== '';
  });
  return found;
}

const ofEvent = (world: World, mode: Mode) => `/api/v1/events/${world.events[mode]}`;

export const eventRows: Readonly<Record<string, Row>> = {
  streamListener: {
    streams: () => '/api/v1/listener/stream',
    answers: { live: all(403), test: all(200), operator: all(403) },
  },
  replyToFlowRequest: {
    of: (world, mode) => ({
      method: 'POST',
      path: '/api/v1/listener/flow-replies',
      body: { call_id: world.calls[mode], step: 1, status: 200, body: '{"action":"hangup"}' },
    }),
    // The flows of these calls do not go to a listener.
    answers: { live: all(403), test: all(404), operator: all(403) },
  },
  listEvents: {
    shows: (world) => `/api/v1/events?account_id=${world.accountId}`,
    sees: { live: [], test: ['test'], operator: ['test'] },
  },
  getEvent: { of: (world, mode) => ({ path: ofEvent(world, mode) }), answers: hiddenCall },
  listDeliveryAttempts: { of: (world, mode) => ({ path: `${ofEvent(world, mode)}/attempts` }), answers: hiddenCall },
  redeliverEvent: {
    of: (world, mode) => ({ method: 'POST', path: `${ofEvent(world, mode)}/redeliver` }),
    // Nobody answered, so that it is pending; operators' keys do not write to the webhooks of accounts.
    answers: { live: all(404), test: bothWays(404, 409), operator: all(403) },
  },
};
