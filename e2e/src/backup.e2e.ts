import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { access, chmod, mkdir, mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startEmbeddedPostgres } from '@ringfence/sql-postgres/embedded-postgres';
import { openScratchDatabase, type ScratchDatabase } from '@ringfence/sql-postgres/scratch-database';
import { itUnless } from '@ringfence/testing/it-unless';
import pg from 'pg';
import { cliEnvironment, cliMain, linesOf, ringfence } from './command-line.js';
import { type Customer, issueKey, openAccount, patienceMs, placeCall, until, wanted } from './test-accounts.js';
import { withDatabase } from './log-reader.js';
import { PlatformProcess } from './platform-process.js';
import { projectionRows } from './projection-rows.js';

const passphrase = 'correct horse battery staple';
const secretNumber = '+14155550142';
const plenty = { calls_per_second: 1_000, burst_calls: 1_000, lines_max: 500 };
/** Short calls, long ones, refused ones. */
const numbers = ['+15005550000', '+15005550003', '+15005550002', '+15005552030'];

/** Rows of a database that is no projection, as text; positions in the log are below `head`. */
type Kept = {
  readonly events: readonly string[];
  readonly outcomes: readonly string[];
  readonly blobs: readonly string[];
};

describe('a backup', () => {
  let root: string;
  let platform: PlatformProcess;
  let customers: readonly Customer[];
  let leaving: Customer;
  let oldest: ScratchDatabase;
  let loading = true;
  let load: Promise<void>;
  let underLoad: Record<string, unknown>;
  let original: Kept;
  const passphraseFile = () => join(root, 'passphrase');
  const keysFile = () => join(root, 'keys.age');
  const keyOptions = () => ['--keys', keysFile(), '--passphrase-file', passphraseFile()];
  const register = () => join(platform.dataDir, 'erasures-and-revocations.jsonl');

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'ringfence-e2e-backup-'));
    // Where root starts it, the clusters of the data folders below lie outside a folder that only root may enter, and
    // would stay there.
    await chmod(root, 0o711);
    await writeFile(passphraseFile(), `${passphrase}\n`, { mode: 0o600 });
    oldest = await openScratchDatabase({ release: 'oldest' });
    platform = await PlatformProcess.start({ env: { RINGFENCE_SANDBOX_SPEED: '50' } });
    const accounts = [await openAccount(platform, 'Ada Lovelace Ltd'), await openAccount(platform, 'Bob')];
    customers = await Promise.all(accounts.map((account) => issueKey(platform, account, plenty)));
    leaving = await issueKey(platform, accounts[0] ?? '', plenty, 'leaving');
    const { secret } = customers[0] ?? leaving;
    await placeCall(platform, secret, secretNumber);
    load = calling();
    await until('there is something to back up', patienceMs, async () => (await headOf(platform.dataDir)) > 500);
    const result = await ringfence(platform.dataDir, ['backup', join(root, 'one'), ...keyOptions(), '--json']);
    expect({ code: result.code, err: result.err }).toEqual({ code: 0, err: '' });
    [underLoad = {}] = linesOf(result);
    // What happens now is younger than the backup.
    await wanted(platform, 'POST', `/api/v1/accounts/${leaving.accountId}/subjects/erase`, { value: secretNumber });
    await wanted(platform, 'POST', `/api/v1/keys/${leaving.keyId}/revoke`, { reason: 'leaked' });
    await until('the register has both', patienceMs, async () => {
      const text = await readFile(register(), 'utf8').catch(() => '');
      return text.includes('subject_erased') && text.includes(leaving.keyId);
    });
    const head = Number(underLoad['head']);
    await until('the log has gone on', patienceMs, async () => (await headOf(platform.dataDir)) > head + 100);
    loading = false;
    await load;
    original = await withDatabase(platform.dataDir, (client) => keptOf(client, head));
  });
  afterAll(async () => {
    loading = false;
    await load;
    await platform.discard();
    await oldest.close();
    await rm(root, { recursive: true, force: true });
  });

  async function calling(): Promise<void> {
    await Promise.all(
      Array.from({ length: 6 }, async (_, client) => {
        for (let turn = client; loading; turn += 1) {
          const customer = customers[turn % customers.length] ?? leaving;
          await placeCall(platform, customer.secret, numbers[turn % numbers.length] ?? '');
        }
      }),
    );
  }

  it('holds everything that a platform keeps in its database and that is no projection', async () => {
    const { schemas, projections, sequences } = await withDatabase(platform.dataDir, async (client) => ({
      schemas: await column(client, `select nspname from pg_namespace where nspname !~ '^pg_' order by 1`),
      projections: await column(client, 'select name from projection.checkpoint'),
      sequences: await column(client, `select relname from pg_class where relkind = 'S'`),
    }));
    const known = ['information_schema', 'public', 'projection', ...projections];
    expect(schemas.filter((schema) => !known.includes(schema))).toEqual(['log', 'reactor', 'vault', 'webhook']);
    // A sequence has no rows to copy: a new one has to be added to the backup.
    expect(sequences).toEqual([]);
  });

  it('holds no key and no personal value in clear', async () => {
    const secrets = await Promise.all(
      ['master-key', 'pepper'].map(async (name) => (await readFile(join(platform.dataDir, name), 'utf8')).trim()),
    );
    const material = secrets.flatMap((text) => [
      text.split(':')[1] ?? '',
      Buffer.from(text.split(':')[1] ?? '', 'base64'),
    ]);
    const folder = join(root, 'one');
    for (const path of [...(await readdir(folder)).map((name) => join(folder, name)), keysFile()]) {
      const bytes = await readFile(path);
      const text = path.endsWith('.gz') ? gunzipSync(bytes) : bytes;
      for (const secret of [...material, platform.keys.adminKey, leaving.secret, secretNumber, 'Lovelace'])
        expect([path, text.includes(secret)]).toEqual([path, false]);
    }
  });

  it('made under load comes back, embedded, as the log was up to its position, and the platform goes on with it', async () => {
    const dataDir = join(root, 'restored');
    const result = await ringfence(dataDir, [
      ...restoring('one'),
      ...keyOptions(),
      '--later-events',
      register(),
      '--json',
    ]);
    expect({ code: result.code, err: result.err }).toEqual({ code: 0, err: '' });
    const { head, log_id: logId } = underLoad;
    expect(linesOf(result)).toEqual([
      expect.objectContaining({
        log_id: logId,
        head,
        erased: 1,
        lost_revocations: [expect.objectContaining({ key_id: leaving.keyId })],
      }),
    ]);
    const restored = await PlatformProcess.start({ dataDir, env: { RINGFENCE_SANDBOX_SPEED: '50' } });
    try {
      await withDatabase(dataDir, (client) => sameLog(client, Number(head)));
      const { status } = await restored.ask(leaving.secret, 'GET', '/api/v1/voice/calls');
      // It said so: the revocation is lost.
      expect(status).toBe(200);
      const first = { from_number: '+15005550100', to_number: '+15005550000' };
      const placed = await restored.ask(customers[1]?.secret ?? '', 'POST', '/api/v1/voice/calls/initiate', first);
      expect(placed.status).toBe(202);
      const position = placed.headers.get('ringfence-position') ?? '';
      const query = `account_id=${leaving.accountId}&limit=100&min_position=${position}`;
      expect(await readsOf(restored, platform.keys.adminKey, query)).not.toContain(secretNumber);
    } finally {
      await restored.stop();
    }
    const whole = await ringfence(dataDir, ['replay', '--verify-only', '--json']);
    expect({ code: whole.code, report: linesOf(whole).at(-1) }).toMatchObject({
      code: 0,
      report: { report: { whole: true } },
    });
  });

  it('without what is younger brings an erased value back, so it says that nothing of it is known', async () => {
    // The other way round, so that the test above shows something: the value is in the backup.
    const dataDir = join(root, 'forgetful');
    const result = await ringfence(dataDir, [...restoring('one'), ...keyOptions()]);
    expect(result.out).toMatch(/Revocations and erasures after .* are lost, and none is known here: any of \d+ keys/);
    const restored = await PlatformProcess.start({ dataDir });
    const query = `account_id=${leaving.accountId}&limit=100`;
    await until('the calls are there', patienceMs, async () =>
      (await readsOf(restored, platform.keys.adminKey, query)).includes(secretNumber),
    );
    await restored.discard();
  });

  it('is not restored over anything, whatever is killed leaves nothing, and it may be done again', async () => {
    expect(await ringfence(platform.dataDir, restoring('one'))).toMatchObject({
      code: 1,
      err: expect.stringContaining('database_not_empty') as unknown,
    });
    const env = { DATABASE_URL: oldest.url };
    const killedIn = join(root, 'killed');
    const fifo = join(root, 'fifo');
    expect(spawnSync('mkfifo', [fifo]).status).toBe(0);
    const child = spawn(process.execPath, [cliMain, ...restoring('one'), '--without-keys', '--later-events', fifo], {
      env: cliEnvironment(killedIn, env),
      stdio: 'ignore',
    });
    // It opens it when all rows are in and the log is checked, and then waits for its lines.
    const writing = await open(fifo, 'w');
    child.kill('SIGKILL');
    await once(child, 'close');
    await writing.close();
    await onUrl(oldest.url, async (client) => {
      await until('the server has seen that its client is gone', patienceMs, async () => {
        const others = await column(
          client,
          `select pid::text from pg_stat_activity where application_name = 'ringfence: cli'`,
        );
        return others.length === 0;
      });
      expect(
        await column(client, `select nspname from pg_namespace where nspname in ('log', 'vault', 'reactor')`),
      ).toEqual([]);
    });
    const again = await ringfence(killedIn, [...restoring('one'), '--without-keys', '--json'], env);
    expect({ code: again.code, err: again.err }).toEqual({ code: 0, err: '' });
    expect(linesOf(again)).toMatchObject([{ keys_missing: ['master-key', 'pepper'] }]);
    // Also from 18 to 15.
    await onUrl(oldest.url, (client) => sameLog(client, Number(underLoad['head'])));
    const carrier = await onUrl(oldest.url, (client) =>
      column(client, `select next::text from reactor.checkpoint where reactor = 'carrier'`),
    );
    expect(carrier).toEqual([String(underLoad['head'])]);
  });

  it('of an idle platform gives read models that are byte for byte those of the original', async () => {
    expect(await platform.stop()).toBe(0);
    const dir = join(root, 'two');
    expect((await ringfence(platform.dataDir, ['backup', dir])).code).toBe(0);
    const dataDir = join(root, 'second');
    const without = await ringfence(dataDir, restoring('two'));
    expect(without).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(/Nothing was restored: give --keys FILE.*\(restore_without_keys\)/) as unknown,
    });
    await expect(access(dataDir)).rejects.toMatchObject({ code: 'ENOENT' });
    const restored = await ringfence(dataDir, [...restoring('two'), '--without-keys']);
    expect(restored.code).toBe(0);
    expect(restored.out).toMatch(
      /No server starts on this log before it is given the master key .* and the pepper \(RINGFENCE_PEPPER\)\./,
    );
    const rows = await Promise.all(
      [platform.dataDir, dataDir].map(async (each) => {
        expect((await ringfence(each, ['projections', 'rebuild', '--all'])).code).toBe(0);
        const server = await startEmbeddedPostgres({ dataDir: each });
        try {
          return await onUrl(server.url, projectionRows);
        } finally {
          await server.stop();
        }
      }),
    );
    expect(Object.values(rows[0] ?? {}).flat().length).toBeGreaterThan(100);
    expect(rows[1]).toEqual(rows[0]);
  });

  const noMounts = spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'none', tmpdir()]).status !== 0;
  itUnless(noMounts ? 'no file system of its own can be mounted' : null)(
    'ends with one line when the disk is full, and leaves nothing on it',
    async () => {
      // A process that mounts a file system of its own may have lost access to the folder of the server's socket.
      const overTcp = new URL(oldest.url);
      overTcp.searchParams.delete('host');
      const small = join(root, 'small');
      await mkdir(small);
      const script = `mount -t tmpfs -o size=16k none "$0" && "$@"; code=$?; ls -A "$0"; exit $code`;
      const args = ['-rm', 'sh', '-c', script, small, process.execPath, cliMain, 'backup', join(small, 'three')];
      const result = await new Promise<{ code: unknown; out: string; err: string }>((resolve) => {
        execFile('unshare', args, { env: cliEnvironment(root, { DATABASE_URL: overTcp.href }) }, (error, out, err) => {
          resolve({ code: error?.code ?? 0, out, err });
        });
      });
      expect(result).toMatchObject({ code: 1, out: '' });
      expect(result.err).toMatch(/\nringfence: the disk that holds .*three is full: .*\(backup_disk_full\)\n$/);
    },
  );

  const restoring = (name: string) => ['restore', join(root, name)];

  async function sameLog(client: pg.Client, head: number): Promise<void> {
    const restored = await keptOf(client, head);
    expect(restored.events).toHaveLength(head);
    expect(restored).toEqual(original);
  }
});

async function keptOf(client: pg.Client, head: number): Promise<Kept> {
  return {
    events: await column(client, `select e::text from log.event e where position < ${String(head)} order by position`),
    // A refusal has the head of its time: of those at this very head nobody knows on which side of the backup they are.
    outcomes: await column(client, `select o::text from log.outcome o where position < ${String(head)} order by 1`),
    blobs: await column(client, 'select b::text from log.blob b order by 1'),
  };
}

/** Returns the account's calls as its users see them. */
async function readsOf(platform: PlatformProcess, key: string, query: string): Promise<string> {
  const pages: string[] = [];
  for (let cursor = ''; ;) {
    const { json } = await platform.ask(key, 'GET', `/api/v1/voice/calls?${query}${cursor}`);
    pages.push(JSON.stringify(json));
    const { next_cursor: next } = (json ?? {}) as { readonly next_cursor?: unknown };
    if (typeof next !== 'string') return pages.join('\n');
    cursor = `&cursor_after=${next}`;
  }
}

async function column(client: pg.Client, sql: string): Promise<readonly string[]> {
  const { rows } = await client.query<Readonly<Record<string, string>>>(sql);
  return rows.flatMap((row) => Object.values(row));
}

async function headOf(dataDir: string): Promise<number> {
  const [next] = await withDatabase(dataDir, (client) => column(client, 'select next::text from log.head'));
  return Number(next);
}

async function onUrl<Result>(url: string, use: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
