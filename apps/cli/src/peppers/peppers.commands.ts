import type { Command } from 'commander';
import { KeyRegistry } from '@ringfence/auth/key-registry';
import { KeyRing } from '@ringfence/runtime/key-ring';
import { type HangingKey, keysHanging } from '@ringfence/auth/pepper-use';
import { catchUpWithLog } from '@ringfence/auth/registry-catch-up';
import { RenewedDigests } from '@ringfence/auth/renewed-digests';
import { SecretHasher } from '@ringfence/auth/secret-hasher';
import { PostgresEventStore } from '@ringfence/event-store-postgres/postgres-event-store';
import type { EpochMs } from '@ringfence/kernel/units';
import { registryRows } from '@ringfence/read-models/keys/registry-rows';
import { PostgresSqlDatabase } from '@ringfence/sql-postgres/postgres-sql-database';
import { PostgresRenewedDigests } from '@ringfence/vault-postgres/renewed-digest-rows';
import { ringOf } from '../backup/server-keys.js';
import { openLogDatabase } from '../database/open-database.js';
import { cliFailures } from '../failures.js';
import type { Shell } from '../shell.js';
import { countText } from '../terminal/amounts.js';

export function peppersCommands(program: Command, shell: Shell): void {
  const peppers = program
    .command('peppers')
    .description(
      'what secrets of keys are digested under, and which keys still hang on an older one (on the database)',
    );
  peppers
    .command('list')
    .description('every pepper, and how many keys in force could not be checked without it')
    .action(async () => {
      await withPeppers(shell, (found) => {
        list(found, shell);
        return Promise.resolve();
      });
    });
  peppers
    .command('keys <pepper>')
    .description('the keys in force that could not be checked without it')
    .action(async (id: string) => {
      await withPeppers(shell, (found) => {
        listKeys(found.hangingOn(id), shell);
        return Promise.resolve();
      });
    });
  peppers
    .command('retire <pepper>')
    .description('make sure that no key depends on it, so that it can be removed from RINGFENCE_PEPPER')
    .option('--abandon-keys', 'keys that depend on it can never be checked again')
    .action(async (id: string, { abandonKeys }: { readonly abandonKeys?: boolean }) => {
      await withPeppers(shell, (found) => retire(found, id, abandonKeys === true, shell));
    });
}

type FoundPeppers = {
  readonly ring: KeyRing;
  /** Peppers of the ring, and peppers missing from it that keys depend on. */
  readonly ids: readonly string[];
  readonly hangingOn: (id: string) => readonly HangingKey[];
  readonly store: PostgresRenewedDigests;
};

/** Finds the pepper of every key in force now. */
async function withPeppers({ settings }: Shell, work: (found: FoundPeppers) => Promise<void>): Promise<void> {
  const ring = KeyRing.parse(await ringOf(settings, 'pepper'), 'the pepper');
  const { pool, close } = await openLogDatabase(settings);
  try {
    const [events, store] = [await PostgresEventStore.open(pool), await PostgresRenewedDigests.open(pool)];
    try {
      const configured = ring.all.map(({ id }) => id);
      const renewals = new RenewedDigests(await store.load(configured), null, () => undefined);
      const registry = new KeyRegistry(new SecretHasher(ring, renewals), () => events.head());
      const known = await registryRows(new PostgresSqlDatabase(pool));
      if (known !== undefined) registry.loadFrom(known.keys, known.next);
      await catchUpWithLog(registry, events);
      const nowMs = Date.now() as EpochMs;
      const without = (id: string) => new Set(configured.filter((each) => each !== id));
      const hangingOn = (id: string) =>
        [...keysHanging(registry.lines(), renewals, without(id), nowMs)].filter(({ pepperIds }) =>
          pepperIds.includes(id),
        );
      const lacking = [...keysHanging(registry.lines(), renewals, new Set(configured), nowMs)];
      const ids = [...new Set([...configured, ...lacking.flatMap(({ pepperIds }) => pepperIds)])];
      await work({ ring, ids, hangingOn, store });
    } finally {
      await events.close();
    }
  } finally {
    await close();
  }
}

function list({ ring, ids, hangingOn }: FoundPeppers, { terminal }: Shell): void {
  const stateOf = (id: string) =>
    id === ring.current.id ? 'current' : ring.find(id) === undefined ? 'not configured' : 'older';
  const rows = ids.map((id) => ({ id, state: stateOf(id), keys: hangingOn(id).length }));
  if (terminal.json) for (const row of rows) terminal.line(JSON.stringify(row));
  else
    terminal.table(
      ['pepper', 'is', 'keys that need it'],
      rows.map(({ id, state, keys }) => [id, state, countText(keys)]),
      [2],
    );
}

function listKeys(hanging: readonly HangingKey[], { terminal }: Shell): void {
  const rows = hanging.map(({ entry: { keyId, accountId, mode } }) => ({ key_id: keyId, account_id: accountId, mode }));
  if (terminal.json) for (const row of rows) terminal.line(JSON.stringify(row));
  else if (rows.length === 0) terminal.note('no key in force needs it');
  else
    terminal.table(
      ['key', 'account', 'mode'],
      rows.map((row) => [row.key_id, row.account_id ?? 'an operator’s', row.mode]),
    );
}

/** @throws Failure `pepper_current`, `pepper_in_use` */
async function retire(
  { ring, hangingOn, store }: FoundPeppers,
  id: string,
  abandon: boolean,
  { terminal }: Shell,
): Promise<void> {
  if (id === ring.current.id) throw cliFailures.pepper_current(id);
  const abandoned = hangingOn(id).length;
  if (abandoned > 0 && !abandon) throw cliFailures.pepper_in_use(id, abandoned);
  await store.retire(id);
  if (terminal.json) terminal.line(JSON.stringify({ retired: id, abandoned_keys: abandoned }));
  else
    terminal.line(
      `${terminal.paint('green', '✓')} ${id} is retired: remove it from RINGFENCE_PEPPER${abandoned === 0 ? '' : `; ${countText(abandoned)} keys are abandoned`}`,
    );
}
