import { execFile } from 'node:child_process';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { withDatabase } from './log-reader.js';

/** A place where bytes were written, with the bytes. */
export type Trace = { readonly place: string; readonly bytes: Buffer };
/** A value that only its owner may see, under a name that may be printed. */
export type Needle = { readonly name: string; readonly value: string };
type Leak = { readonly needle: string; readonly form: string; readonly place: string };

/** Reads every column of every row of every table, decoded: bytea as bytes, everything else as text. */
export async function databaseTraces(dataDir: string): Promise<readonly Trace[]> {
  return withDatabase(dataDir, async (client) => {
    const tables = await client.query<{ schema: string; name: string }>(
      `select n.nspname as schema, c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where c.relkind in ('r', 'p', 'm') and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')`,
    );
    const traces: Trace[] = [];
    for (const { schema, name } of tables.rows) {
      const { rows } = await client.query<Record<string, unknown>>(
        `select * from ${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(name)}`,
      );
      traces.push({ place: `table ${schema}.${name}`, bytes: Buffer.concat(rows.flatMap(Object.values).map(bytesOf)) });
    }
    return traces;
  });
}

function bytesOf(value: unknown): Buffer {
  const bytes = Buffer.isBuffer(value)
    ? value
    : Buffer.from(typeof value === 'string' ? value : JSON.stringify(value ?? null));
  return Buffer.concat([bytes, Buffer.from('\n')]);
}

/**
 * Reads every file under the data directory except the database's write-ahead log and the files that are meant to hold
 * a secret.
 */
export async function fileTraces(dataDir: string): Promise<readonly Trace[]> {
  const paths = await readdir(dataDir, { recursive: true });
  const traces: Trace[] = [];
  for (const path of paths.filter((each) => !each.includes('pg_wal'))) {
    const full = join(dataDir, path);
    const found = await stat(full).catch(() => undefined);
    if (found === undefined || !found.isFile()) continue;
    const meantForASecret = !path.includes('/') && (found.mode & 0o077) === 0;
    if (!meantForASecret)
      traces.push({ place: `file ${path}`, bytes: await readFile(full).catch(() => Buffer.alloc(0)) });
  }
  return traces;
}

/** Returns what `ringfence` prints for a command, on both outputs. */
export async function cliTrace(root: string, dataDir: string, args: readonly string[]): Promise<Trace> {
  const main = join(root, 'apps/cli/dist/main.js');
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [main, ...args], {
    env: { ...process.env, RINGFENCE_DATA_DIR: dataDir, DATABASE_URL: '', KAFKA_BROKERS: '' },
    maxBuffer: 1 << 28,
  });
  return { place: `ringfence ${args.join(' ')}`, bytes: Buffer.from(stdout + stderr) };
}

/** Finds where any form of any needle occurs. */
export function leaks(needles: readonly Needle[], traces: readonly Trace[]): readonly Leak[] {
  return needles.flatMap(({ name, value }) =>
    [...formsOf(value)].flatMap(([form, text]) =>
      traces.filter(({ bytes }) => bytes.includes(text)).map(({ place }) => ({ needle: name, form, place })),
    ),
  );
}

/** Lists the forms in which a value could be written down unintentionally. */
function formsOf(value: string): ReadonlyMap<string, string> {
  const forms = new Map([
    ['plain', value],
    ['URL-encoded', encodeURIComponent(value)],
    ['JSON', JSON.stringify(value).slice(1, -1)],
    ['hex', Buffer.from(value).toString('hex')],
    ...base64Forms(value),
  ]);
  if (value.startsWith('+')) forms.set('digits', value.slice(1));
  return forms;
}

/**
 * Base64 of the value for each place within a group of three bytes at which it may begin; the edges, which depend on
 * its neighbours, are left out.
 */
function base64Forms(value: string): readonly (readonly [string, string])[] {
  return [0, 1, 2].flatMap((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), Buffer.from(value)]).toString('base64url');
    const whole = text.slice(offset === 0 ? 0 : 4, text.length - 4);
    return [
      [`base64url at ${String(offset)}`, whole],
      [`base64 at ${String(offset)}`, whole.replaceAll('-', '+').replaceAll('_', '/')],
    ] as const;
  });
}
