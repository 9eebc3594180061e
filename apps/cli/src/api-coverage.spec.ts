import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { run } from './program.js';
import { type OperationId, operations } from './server/operations.js';

const published = fileURLToPath(new URL('../../../docs/api/openapi.json', import.meta.url));

/** Routes that no command calls. */
const leftOut: Readonly<Record<string, string>> = {
  initiateCallShort: 'another path of initiateCall, for clients of the Teler API',
  replyToFlowRequest: 'sent by `ringfence listen` for each flow request that it is given',
  showIndex: 'says where the API is; the command line knows',
  live: 'for probes',
  ready: 'for probes',
  metrics: 'for Prometheus',
};

/** A command line for each route. */
const commandLines: Readonly<Record<OperationId, string>> = {
  initiateCall: 'calls place --from +15005550100 --to +15005550000',
  simulateInboundCall: 'calls ring --from +15005550100 --to +15005550199',
  hangUpCall: 'calls hangup cs_1',
  muteLeg: 'calls mute cs_1 --leg cl_01K9Z000000000000000000000 --on',
  sendDigits: 'calls dtmf cs_1 --digits 12#',
  playMedia: 'calls play cs_1 --media-url https://example.com/a.mp3',
  listCalls: 'calls list --state answered',
  getCall: 'calls show cs_1',
  streamCallEvents: 'calls watch cs_1',
  streamAccountCallEvents: 'calls watch',
  listLegs: 'calls legs cs_1',
  getCallAuthorization: 'calls authorization cs_1',
  openAccount: 'accounts open --name Example --currency USD',
  listAccounts: 'accounts list',
  getAccount: 'accounts show acc_1',
  verifyAccount: 'accounts verify acc_1',
  suspendAccount: 'accounts suspend acc_1 --reason fraud',
  resumeAccount: 'accounts resume acc_1',
  setAccountLimits: 'accounts limits acc_1 --lines 5',
  changeTimeZone: 'accounts time-zone acc_1 Asia/Tokyo',
  addCredit: 'accounts credit acc_1 --mode test --amount-micros 5000000',
  eraseSubject: 'accounts erase acc_1 --value +15005550100',
  issueKey: 'keys issue --label Example',
  listKeys: 'keys list',
  registerSigningKey: 'keys register --label Example --public-key',
  getKey: 'keys show key_1',
  rotateKey: 'keys rotate key_1 --overlap-seconds 0',
  changeKeyPolicy: 'keys policy key_1 --lines 2',
  revokeKey: 'keys revoke key_1',
  getPlatformKeys: 'keys platform',
  getUsage: 'usage --by key',
  getRateCounters: 'keys counters key_1',
  getLedger: 'ledger balance',
  listLedgerEntries: 'ledger entries --mode test',
  getTrialBalance: 'ledger trial',
  listAuditEvents: 'audit events',
  explainNumber: 'numbers show +15005550000',
  openNumberRange: 'numbers open 1671 --kind fixed_line',
  listNumberRanges: 'numbers ranges',
  addNumber: 'numbers add +15005550123 --account acc_01K9Z000000000000000000000',
  listInventory: 'numbers inventory --state received',
  withdrawNumber: 'numbers withdraw acc_1 vn_1',
  listVirtualNumbers: 'numbers list --location US',
  renameNumber: 'numbers rename vn_1 Support',
  assignNumbers: 'numbers assign --vn-ids vn_01K9Z000000000000000000000 --voice-app-id va_01K9Z000000000000000000000',
  unassignNumbers: 'numbers unassign --apply-to-all',
  listAppNumbers: 'apps numbers va_1',
  listTrunkNumbers: 'trunks numbers st_1',
  getRate: 'numbers rate +15005550000',
  createVoiceApp: 'apps create --name Desk --flow-url https://a.example/f --webhook-url https://a.example/w',
  listVoiceApps: 'apps list --status active',
  getVoiceApp: 'apps show va_1',
  changeVoiceApp: 'apps change va_1 --status inactive --without fallback-url',
  deleteVoiceApp: 'apps delete va_1',
  listEvents: 'events list --status pending',
  getEvent: 'events show evt_1',
  listDeliveryAttempts: 'events attempts evt_1',
  redeliverEvent: 'events redeliver evt_1',
  streamListener: 'listen --forward-to http://127.0.0.1:9/',
  createWebhookSecret: 'secrets create --name Orders',
  listWebhookSecrets: 'secrets list --search Orders',
  getWebhookSecret: 'secrets show sec_1',
  changeWebhookSecret: 'secrets change sec_1 --rotate',
  deleteWebhookSecret: 'secrets delete sec_1',
  createSipTrunk: 'trunks create --name Office --authentication-type IP --address 203.0.113.7=Line',
  listSipTrunks: 'trunks list --status active',
  getSipTrunk: 'trunks show st_1',
  changeSipTrunk: 'trunks change st_1 --name Home',
  deleteSipTrunk: 'trunks delete st_1',
  createIpList: 'acls create --name Office --address 203.0.113.0/24=Lines',
  listIpLists: 'acls list --search Office',
  getIpList: 'acls show acl_1',
  changeIpList: 'acls change acl_1 --name Home',
  deleteIpList: 'acls delete acl_1',
};

const whereItBelongs =
  'give it a line in server/operations.ts, a subcommand, and a line in commandLines of this spec; ' +
  'or the reason why no command calls it, in leftOut of this spec';

type Asked = { readonly method: string; readonly path: string };
let server: Server;
const asked: Asked[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push({ method: request.method ?? '', path: new URL(request.url ?? '', 'http://server').pathname });
    request.resume();
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"data":[]}');
  });
  await new Promise<void>((listening) => {
    server.listen(0, '127.0.0.1', listening);
  });
});
afterAll(() => {
  server.close();
});

function routesPublished(): ReadonlyMap<string, Asked> {
  const { paths } = JSON.parse(readFileSync(published, 'utf8')) as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly operationId: string }>>>>;
  };
  return new Map(
    Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId }]) => [operationId, { method: method.toUpperCase(), path }]),
    ),
  );
}

describe('the command line', () => {
  it('knows every route of the API as it is published, or there is a reason why not', () => {
    const routes = routesPublished();
    expect(Object.keys(leftOut).filter((id) => !routes.has(id))).toEqual([]);
    const called = [...routes].filter(([id]) => !(id in leftOut));
    const missing = called.filter(([id]) => !(id in operations)).map(([id]) => `${id}: ${whereItBelongs}`);
    expect(missing).toEqual([]);
    expect(called.map(([id, { method, path }]) => [id, method, path]).sort()).toEqual(
      Object.entries(operations)
        .map(([id, [method, path]]) => [id, method, `/api/v1${path}`])
        .sort(),
    );
  });

  it.each(Object.entries(commandLines))('calls %s: ringfence %s', async (id, line) => {
    asked.length = 0;
    const out = new Writable({ write: (_chunk, _encoding, done) => { done(); } }); // prettier-ignore
    const streams = { out, err: out } as unknown as Parameters<typeof run>[2];
    const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    const publicKey = fileURLToPath(new URL('keys/example-public-key.json', import.meta.url));
    const words = [...line.split(' '), ...(line.endsWith('--public-key') ? [publicKey] : [])];
    const environment = { RINGFENCE_DATA_DIR: '/nonexistent' };
    await run(['node', 'ringfence', ...words, '--json', '--url', url, '--api-key', 'any'], environment, streams);
    const route = routesPublished().get(id);
    const pattern = new RegExp(`^${(route?.path ?? '').replaceAll(/\{\w+\}/g, '[^/]+')}$`);
    expect(asked.filter(({ method, path }) => method === route?.method && pattern.test(path))).not.toEqual([]);
  });
});
