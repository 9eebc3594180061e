import {
  all,
  type Answers,
  type Asked,
  bothWays,
  type Mode,
  type Row,
  type Settings,
  type World,
} from './mode-rows.js';
import type { PlatformProcess } from './platform-process.js';
import { type Customer, patienceMs, until, wanted } from './test-accounts.js';

type Kind = keyof Settings;
/** Complete bodies, by what they set up. */
const bodies: Readonly<Record<Exclude<Kind, 'virtual-numbers'>, object>> = {
  secrets: { name: 'Orders' },
  'voice/apps': { name: 'Front desk', flow_url: 'https://example.com/flow', webhook_url: 'https://example.com/hooks' },
  'sip/ip-acls': { name: 'Office', addresses: [{ address: '203.0.113.0/24' }] },
  'sip/trunks': { name: 'Office', authentication_type: 'IP', auth_addresses: [{ address: '203.0.113.7' }] },
};

/** Sets up one of everything in each mode, with the keys of that mode. @param nth number of the account, from 1 */
export async function settingsOf(
  platform: PlatformProcess,
  accountId: string,
  keys: Readonly<Record<Mode, Customer>>,
  nth: number,
): Promise<Settings> {
  const made = async (kind: Exclude<Kind, 'virtual-numbers'>, mode: Mode): Promise<string> => {
    const { status, json } = await platform.ask(keys[mode].secret, 'POST', `/api/v1/${kind}`, bodies[kind]);
    if (status !== 201) throw new Error(`${kind} was refused: ${JSON.stringify(json)}`);
    return String((json as { readonly id: unknown }).id);
  };
  const inEach = async (kind: Exclude<Kind, 'virtual-numbers'>) => ({
    live: await made(kind, 'live'),
    test: await made(kind, 'test'),
  });
  const digits = String(nth).padStart(3, '0');
  const numbers = { live: `+442079461${digits}`, test: `+15005553${digits}` };
  const received = async (mode: Mode): Promise<string> => {
    const body = { number: numbers[mode], account_id: accountId };
    const added = await wanted(platform, 'POST', '/api/v1/inventory/numbers', body);
    const id = String(added['id']);
    await until('the account has its number', patienceMs, async () => {
      const { json } = await platform.ask(keys[mode].secret, 'GET', '/api/v1/virtual-numbers');
      return JSON.stringify(json).includes(id);
    });
    return id;
  };
  return {
    secrets: await inEach('secrets'),
    'voice/apps': await inEach('voice/apps'),
    'sip/ip-acls': await inEach('sip/ip-acls'),
    'sip/trunks': await inEach('sip/trunks'),
    'virtual-numbers': { live: await received('live'), test: await received('test') },
  };
}

const own: Answers = { live: bothWays(200, 404), test: bothWays(404, 200), operator: all(200) };
/** Operators read what accounts have set up, and change none of it. */
const changed: Answers = { ...own, operator: all(403) };
const ofKind = (kind: Kind) => (world: World, mode: Mode) => `/api/v1/${kind}/${world.settings[kind][mode]}`;

/** A number and, to assign it, an app, both of one mode. */
function assignment({ settings }: World, mode: Mode, way: 'assign' | 'unassign'): Asked {
  const target = way === 'assign' ? { voice_app_id: settings['voice/apps'][mode] } : {};
  const body = { vn_ids: [settings['virtual-numbers'][mode]], ...target };
  return { method: 'POST', path: `/api/v1/virtual-numbers/${way}`, body };
}

/** The five routes of one kind of settings. */
function rowsOf(name: string, kind: Exclude<Kind, 'virtual-numbers'>): Readonly<Record<string, Row>> {
  const path = ofKind(kind);
  return {
    [`create${name}`]: {
      of: () => ({ method: 'POST', path: `/api/v1/${kind}`, body: bodies[kind] }),
      answers: { live: all(201), test: all(201), operator: all(403) },
    },
    [`list${name}s`]: listed(kind),
    [`get${name}`]: { of: (world, mode) => ({ path: path(world, mode) }), answers: own },
    [`change${name}`]: {
      of: (world, mode) => ({ method: 'PATCH', path: path(world, mode), body: { name: 'Renamed' } }),
      answers: changed,
    },
    [`delete${name}`]: {
      of: (world, mode) => ({ method: 'DELETE', path: path(world, mode) }),
      answers: changed,
    },
  };
}

function listed(kind: Kind): Row {
  return {
    lists: (world) => `/api/v1/${kind}?account_id=${world.accountId}`,
    ids: (world) => world.settings[kind],
  };
}

export const settingsRows: Readonly<Record<string, Row>> = {
  ...rowsOf('WebhookSecret', 'secrets'),
  ...rowsOf('VoiceApp', 'voice/apps'),
  ...rowsOf('IpList', 'sip/ip-acls'),
  ...rowsOf('SipTrunk', 'sip/trunks'),
  listVirtualNumbers: listed('virtual-numbers'),
  renameNumber: {
    of: (world, mode) => ({ method: 'PATCH', path: ofKind('virtual-numbers')(world, mode), body: { name: 'Support' } }),
    answers: own,
  },
  assignNumbers: { of: (world, mode) => assignment(world, mode, 'assign'), answers: changed },
  unassignNumbers: { of: (world, mode) => assignment(world, mode, 'unassign'), answers: changed },
  listAppNumbers: {
    of: (world, mode) => ({ path: `${ofKind('voice/apps')(world, mode)}/virtual-numbers` }),
    answers: own,
  },
  listTrunkNumbers: {
    of: (world, mode) => ({ path: `${ofKind('sip/trunks')(world, mode)}/virtual-numbers` }),
    answers: own,
  },
  withdrawNumber: {
    operators: (world) => ({
      method: 'POST',
      path: `/api/v1/accounts/${world.accountId}/virtual-numbers/${world.settings['virtual-numbers'].test}/withdraw`,
      body: {},
    }),
  },
  addNumber: {
    operators: ({ accountId }) => ({
      method: 'POST',
      path: '/api/v1/inventory/numbers',
      body: { number: '+442079462000', account_id: accountId },
    }),
  },
  listInventory: { operators: () => ({ path: '/api/v1/inventory/numbers' }) },
};
