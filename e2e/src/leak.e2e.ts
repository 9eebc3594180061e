import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { patienceMs, until } from './test-accounts.js';
import { ofType, readLog } from './log-reader.js';
import { PlatformProcess } from './platform-process.js';
import { cliTrace, databaseTraces, fileTraces, leaks, type Needle, type Trace } from './traces.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Values that occur nowhere else in the world: wherever one is found, it came from here. */
const given = {
  accountName: 'Quixotic Walrus Holdings 8817',
  creditReference: 'payment-zebra-quartz-55321',
  keyLabel: 'Marzipan hotline of Ms. Ottoline Fjord',
  from: '+15005558263',
  answered: '+15005557391',
  busy: '+15005550003',
  refusedTo: '+88234519876',
  notANumber: '+49176-not-4420913',
  flowUrl: 'http://127.0.0.1:9/marmalade-otter/flow?token=Jx91bQz',
  statusCallbackUrl: 'https://marmalade-otter.example.com/status/Kw7Rt',
  unknownField: 'saffron-lighthouse-90210',
} as const;

/** Number of events from which a stream gets a snapshot at a clean stop. */
const creditsForASnapshot = 200;
const creditsAtOnce = 10;
const talksForLong = '+15005551001';

let platform: PlatformProcess;
/** Output of the platform in its previous run. */
const output = { stdout: '', stderr: '' };
const needles: Needle[] = Object.entries(given)
  // The busy number is the sandbox's own and is in its table.
  .filter(([name]) => name !== 'busy')
  .map(([name, value]) => ({ name, value }));

beforeAll(async () => {
  platform = await PlatformProcess.start({ env: { RINGFENCE_SANDBOX_SPEED: '50', RINGFENCE_LOG_LEVEL: 'trace' } });
  await makeTraffic();
});
afterAll(async () => {
  await platform.discard();
});

const text = (json: unknown, name: string) =>
  String(
    ((json as Record<string, unknown>)['data'] as Record<string, unknown> | undefined)?.[name] ??
      (json as Record<string, unknown>)[name],
  );

async function makeTraffic(): Promise<void> {
  const { adminKey } = platform.keys;
  const asked = (method: string, path: string, body?: unknown, key: string = adminKey) =>
    platform.ask(key, method, `/api/v1${path}`, body);
  const account = await asked('POST', '/accounts', {
    name: given.accountName,
    currency: 'USD',
    region: 'eu',
    time_zone: 'Europe/Berlin',
  });
  const accountId = text(account.json, 'id');
  await asked('POST', `/accounts/${accountId}/verify`, {});
  await asked('POST', `/accounts/${accountId}/credit`, {
    mode: 'test',
    amount_micros: '50000000',
    reference: given.creditReference,
  });
  const issued = await asked('POST', '/keys', {
    account_id: accountId,
    label: given.keyLabel,
    mode: 'test',
    scopes: ['calls:write', 'calls:read', 'billing:read', 'audit:read', 'keys:read'],
    calls_per_second: 50,
    burst_calls: 50,
    lines_max: 20,
    caller_numbers: [given.from],
  });
  expect(issued.status).toBeLessThan(300);
  const keyId = text(issued.json, 'id');
  const secret = text(issued.json, 'secret');
  const call = {
    from_number: given.from,
    to_number: given.answered,
    flow_url: given.flowUrl,
    status_callback_url: given.statusCallbackUrl,
  };
  const initiate = (body: object, key = secret) => asked('POST', '/voice/calls/initiate', body, key);

  const placed = await initiate(call);
  expect(placed.status).toBe(202);
  const callId = text(placed.json, 'id');
  await initiate({ ...call, to_number: given.busy });
  await initiate({ ...call, to_number: given.refusedTo });
  await initiate({ ...call, to_number: given.notANumber });
  await initiate({ ...call, from_number: '+15005558299' });
  await initiate({ ...call, [given.unknownField]: given.unknownField });
  await initiate({ ...call, record: given.unknownField });
  await platform.ask(secret, 'POST', '/api/v1/voice/calls/initiate', call, {
    'idempotency-key': 'with-an-id',
    'user-agent': given.unknownField,
  });
  await fetch(`${platform.url}/api/v1/voice/calls/initiate`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    body: `{"from_number": "${given.from}", "to_number": ${given.answered}`,
  });
  for (const path of [
    `/voice/calls?to_number=${encodeURIComponent(given.answered)}`,
    `/voice/calls?from_number=${encodeURIComponent(given.from)}&limit=5`,
  ])
    expect((await asked('GET', path, undefined, secret)).status).toBe(200);
  await asked('GET', `/voice/calls/${encodeURIComponent(given.answered)}`, undefined, secret);
  await asked('GET', `/no/such/${encodeURIComponent(given.flowUrl)}`, undefined, secret);
  await until('the answered call ends', patienceMs, async () =>
    ['completed', 'failed'].includes(
      text((await asked('GET', `/voice/calls/${callId}`, undefined, secret)).json, 'state'),
    ),
  );
  for (const path of [
    `/voice/calls/${callId}/legs`,
    `/voice/calls/${callId}/authorization`,
    '/usage',
    '/ledger',
    '/audit/events',
    '/keys',
  ])
    await asked('GET', path, undefined, secret);
  // A snapshot is due, and somebody is on the telephone as it is written.
  for (let done = 0; done < creditsForASnapshot; done += creditsAtOnce)
    await Promise.all(
      Array.from({ length: creditsAtOnce }, () =>
        asked('POST', `/accounts/${accountId}/credit`, {
          mode: 'test',
          amount_micros: '1000',
          reference: given.creditReference,
        }),
      ),
    );
  expect((await initiate({ ...call, to_number: talksForLong })).status).toBe(202);
  await platform.stop();
  output.stdout += platform.stdout;
  output.stderr += platform.stderr;
  platform = await platform.startAgain();
  const rotated = await asked('POST', `/keys/${keyId}/rotate`, { overlap_seconds: 60 });
  needles.push(
    { name: 'the key’s secret', value: secret },
    { name: 'the rotated secret', value: text(rotated.json, 'secret') },
  );
  await initiate(call, `${secret.slice(0, -1)}${secret.endsWith('a') ? 'b' : 'a'}`);
  await asked('POST', `/keys/${keyId}/revoke`, { reason: 'leaked' });
  await initiate(call);
}

/** Collects the contents of the data directory's secret files, except those that the first start shows. */
async function fileSecrets(): Promise<readonly Needle[]> {
  const names = (await readdir(platform.dataDir, { withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);
  const contents = await Promise.all(
    names.map(async (name) => ({ name, value: (await readFile(join(platform.dataDir, name), 'utf8')).trim() })),
  );
  return contents
    .filter(({ name }) => /key|pepper|secret/.test(name))
    .map(({ name, value }) => ({ name, value: value.includes(':') ? value.slice(value.indexOf(':') + 1) : value }));
}

describe('what the platform writes', () => {
  it('holds none of the numbers, URLs, names and secrets it was given, in any table, file, log line, metric or print-out', async () => {
    const metrics = await fetch(`${platform.url}/metrics`);
    const metricsText = await metrics.text();
    expect(metricsText).toContain('# TYPE');
    const traces: Trace[] = [
      ...(await databaseTraces(platform.dataDir)),
      { place: '/metrics', bytes: Buffer.from(metricsText) },
      { place: 'standard error', bytes: Buffer.from(output.stderr + platform.stderr) },
      await cliTrace(root, platform.dataDir, ['replay']),
      await cliTrace(root, platform.dataDir, ['replay', '--json']),
      await cliTrace(root, platform.dataDir, ['projections', 'list']),
      ...(await fileTraces(platform.dataDir)),
    ];
    // The search is worth nothing where nothing was written.
    const tables = traces
      .filter(({ place, bytes }) => place.startsWith('table ') && bytes.length > 0)
      .map(({ place }) => place);
    expect(tables).toEqual(
      expect.arrayContaining(['table log.event', 'table log.outcome', 'table log.snapshot_piece']),
    );
    expect(tables.length).toBeGreaterThan(8);
    expect(platform.stderr.length).toBeGreaterThan(1_000);
    const events = await readLog(platform.dataDir);
    for (const type of [
      'call.placed',
      'call.completed',
      'call.failed',
      'call.refused',
      'key.rotated',
      'key.revoked',
      'account.credit_added',
    ])
      expect({ type, written: ofType(events, type).length > 0 }).toEqual({ type, written: true });

    const secrets = await fileSecrets();
    expect(secrets.length).toBeGreaterThan(2);
    expect(leaks([...needles, ...secrets], traces)).toEqual([]);
    // The first start prints the two keys, once, and nothing else.
    expect(leaks(needles, [{ place: 'standard output', bytes: Buffer.from(output.stdout + platform.stdout) }])).toEqual(
      [],
    );
  });
});
