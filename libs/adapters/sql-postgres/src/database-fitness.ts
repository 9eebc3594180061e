import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { sessionPrefix } from './pool.js';

/** Reasons why a database cannot be used although it answers. */
type Unfit =
  | { readonly kind: 'too_old'; readonly version: string }
  /** A standby, or one whose transactions are read-only by a setting. */
  | { readonly kind: 'read_only'; readonly standby: boolean }
  /**
   * A pooler in transaction or statement mode: consecutive statements on one connection may run in different sessions.
   */
  | { readonly kind: 'sessions_not_kept' }
  /** A pooler that has only one connection for us. */
  | { readonly kind: 'no_second_connection' };

const versionMin = 150_000;
/** Longest wait for an answer: a pooler accepts a connection at once, and its first statement waits for a server's. */
const answerTimeoutMs = 5_000;
const interleavings = ['first', 'second', 'first', 'second', 'second', 'first', 'first'] as const;

/**
 * Checks a database over two connections, whose statements are interleaved; nothing is written.
 * @returns null: it is fit
 * @throws the driver's error if it cannot be reached
 */
export async function unfitReason(url: string): Promise<Unfit | null> {
  const first = clientOf(url);
  const second = clientOf(url);
  try {
    await first.connect();
    const found = await lookAtServer(first);
    if (found !== null) return found;
    const answered = await second
      .connect()
      .then(() => sessionOf(second))
      .then(
        () => true,
        () => false,
      );
    if (!answered) return { kind: 'no_second_connection' };
    return (await keepsSessions(first, second)) ? null : { kind: 'sessions_not_kept' };
  } finally {
    // A client that never connected has nothing to end.
    await Promise.all([first, second].map((client) => client.end().catch(() => undefined)));
  }
}

async function lookAtServer(client: pg.Client): Promise<Unfit | null> {
  const { rows } = await client.query<{ number: string; version: string; standby: boolean; read_only: string }>(
    `select current_setting('server_version_num') as number, current_setting('server_version') as version,
      pg_is_in_recovery() as standby, current_setting('transaction_read_only') as read_only`,
  );
  const [row] = rows;
  if (row === undefined || Number(row.number) < versionMin)
    return { kind: 'too_old', version: row?.version ?? 'unknown' };
  return row.standby || row.read_only === 'on' ? { kind: 'read_only', standby: row.standby } : null;
}

/** Checks that each connection keeps one session of its own, which receives the other's notifications. */
async function keepsSessions(first: pg.Client, second: pg.Client): Promise<boolean> {
  const sessions = { first: new Set<number>(), second: new Set<number>() };
  for (const which of interleavings) sessions[which].add(await sessionOf(which === 'first' ? first : second));
  const [one] = sessions.first;
  if (sessions.first.size !== 1 || sessions.second.size !== 1 || sessions.second.has(one ?? 0)) return false;
  const channel = `fitness_${randomBytes(8).toString('hex')}`;
  const heard: string[] = [];
  first.on('notification', (message) => heard.push(message.channel));
  try {
    await first.query(`listen ${channel}`);
    await second.query(`notify ${channel}`);
    // Notifications sent before a statement arrive before its answer.
    await sessionOf(first);
  } catch (failure) {
    if (failure instanceof pg.DatabaseError) return false;
    throw failure;
  }
  return heard.includes(channel);
}

async function sessionOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  return rows[0]?.pid ?? Number.NaN;
}

function clientOf(url: string): pg.Client {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: answerTimeoutMs,
    query_timeout: answerTimeoutMs,
    application_name: `${sessionPrefix}start`,
  });
  client.on('error', () => undefined);
  return client;
}
