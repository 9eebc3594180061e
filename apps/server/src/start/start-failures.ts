import { Failure } from '@ringfence/kernel/failure';
import { embeddedFailures } from '@ringfence/sql-postgres/embedded-failures';

/** Reasons for a failed start, each in one line that says what to do. */
export const startFailures = {
  port_taken: (host: string, port: number) =>
    new Failure(
      'port_taken',
      `${host}:${String(port)} is in use: stop what listens there, or set RINGFENCE_PORT to another port`,
      false,
    ),
  address_unusable: (host: string, port: number, why: string) =>
    new Failure(
      'address_unusable',
      `cannot listen on ${host}:${String(port)} (${why}): check RINGFENCE_HOST and RINGFENCE_PORT`,
      false,
    ),
  data_dir_locked: (dataDir: string, pid: number) =>
    new Failure(
      'data_dir_locked',
      `${dataDir} is in use by the Ringfence with process id ${String(pid)}: stop it, or set RINGFENCE_DATA_DIR to another folder`,
      false,
    ),
  data_dir_unusable: (dataDir: string, why: string) =>
    new Failure(
      'data_dir_unusable',
      `${dataDir} cannot be used as the data folder (${why}): set RINGFENCE_DATA_DIR to a folder of this user on a local file system`,
      false,
    ),
  database_too_old: (version: string) =>
    new Failure('database_too_old', `PostgreSQL ${version} is too old: DATABASE_URL needs 15 or later`, false),
  log_gone: (dataDir: string, logId: string) =>
    new Failure(
      'log_gone',
      `${dataDir} belongs to the log ${logId}, and the database holds no log. Nothing was changed. Set DATABASE_URL to the database of that log or restore it; for a new log set RINGFENCE_DATA_DIR to an empty folder`,
      false,
    ),
  log_of_another_folder: (dataDir: string, kept: string, found: string) =>
    new Failure(
      'log_of_another_folder',
      `${dataDir} belongs to the log ${kept}, and the database holds the log ${found}. Nothing was changed. Set RINGFENCE_DATA_DIR or DATABASE_URL so that they belong together`,
      false,
    ),
  log_id_unreadable: (path: string, why: string) =>
    new Failure(
      'log_id_unreadable',
      `${path} cannot be read (${why}): restore it from a backup, or remove it if this folder and the database belong together; it is then written again`,
      false,
    ),
  log_secret_missing: (path: string, setting: string, logId: string, what: string) =>
    new Failure(
      'log_secret_missing',
      `${path} is missing, and the database holds the log ${logId}, ${what}. Nothing was changed. Restore the file from a backup, or set ${setting} to its contents`,
      false,
    ),
  database_read_only: (standby: boolean) =>
    new Failure(
      'database_read_only',
      standby
        ? 'the database of DATABASE_URL is a replica, which is read-only: set DATABASE_URL to the primary, or to an address that follows it'
        : 'the database of DATABASE_URL is read-only (default_transaction_read_only is on for the database, the role or the server): turn that off, or set DATABASE_URL to another one',
      false,
    ),
  database_sessions_not_kept: () =>
    new Failure(
      'database_sessions_not_kept',
      'the server at DATABASE_URL does not keep a session between transactions, like a pooler in transaction mode: set its pool_mode to session, or set DATABASE_URL to PostgreSQL itself (docs/operator.md)',
      false,
    ),
  database_no_second_connection: () =>
    new Failure(
      'database_no_second_connection',
      'the server at DATABASE_URL allows this process only one connection: a process needs up to 40, so raise the size of its pool or max_connections (docs/operator.md)',
      false,
    ),
  kafka_ca_unreadable: (path: string, cause: unknown) =>
    new Failure('kafka_ca_unreadable', `${path} of RINGFENCE_KAFKA_CA cannot be read`, false, { cause }),
  pepper_in_use: (pepperIds: readonly string[], keys: number) =>
    new Failure(
      'pepper_in_use',
      `${String(keys)} keys in force cannot be checked without the pepper ${pepperIds.join(', ')}, which is not configured: add it after the current one in RINGFENCE_PEPPER; see \`ringfence peppers list\``,
      false,
    ),
  register_unwritable: (path: string, cause: unknown) =>
    new Failure(
      'register_unwritable',
      `${path} cannot be written: erasures and revocations, which a restore needs, wait until it can`,
      true,
      { cause },
    ),
  start_given_up: () =>
    new Failure('start_given_up', 'the start was interrupted while another process made the platform ready', false),
  database_unreachable: (why: string) =>
    new Failure('database_unreachable', `the database of DATABASE_URL cannot be used: ${why}`, true),
} as const;

/**
 * Failures that persist until an operator changes settings, data folder, database or Node.js. The process exits with 2,
 * as for an invalid setting; restarting it unchanged does not help.
 */
const curedByHand: ReadonlySet<string> = new Set([
  ...Object.keys(embeddedFailures),
  ...(['data_dir_unusable', 'log_gone', 'log_of_another_folder', 'log_id_unreadable', 'log_secret_missing'] as const),
  ...([
    'database_too_old',
    'database_read_only',
    'database_sessions_not_kept',
    'database_no_second_connection',
  ] as const),
  'node_without_zstd',
  'secret_file_exposed',
  'secret_file_unreadable',
  'key_ring_invalid',
  'master_key_unknown',
  'wrapped_key_broken',
]);

export function isCuredByHand(failure: unknown): boolean {
  return failure instanceof Failure && curedByHand.has(failure.code);
}
