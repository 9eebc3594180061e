import { Failure } from '@ringfence/kernel/failure';

const keep = 'Nothing was changed';
const docs = 'docs/operations.md, "A file of the data folder is missing"';

/**
 * Reasons why the embedded PostgreSQL is not started, each in one line with cause and remedy. None is resolved by a
 * retry.
 */
export const embeddedFailures = {
  embedded_postgres_missing: (why: string, cause?: unknown) =>
    new Failure('embedded_postgres_missing', `${why} Set DATABASE_URL to use another one.`, false, { cause }),
  embedded_postgres_root: (why: string) =>
    new Failure(
      'embedded_postgres_root',
      `PostgreSQL does not run as root, and ${why}. Start Ringfence as an ordinary user (in a container: --user), or set DATABASE_URL.`,
      false,
    ),
  embedded_postgres_capabilities: () =>
    new Failure(
      'embedded_postgres_capabilities',
      'PostgreSQL would inherit the capabilities of this process, and setpriv (util-linux) is not here to drop them. Start Ringfence without capabilities, install util-linux, or set DATABASE_URL.',
      false,
    ),
  embedded_postgres_start: (home: string, why: string, cause: unknown) =>
    new Failure(
      'embedded_postgres_start',
      `PostgreSQL did not start: ${why} (its files in ${home} were left as they are: docs/operations.md says how to restore them)`,
      false,
      { cause },
    ),
  embedded_postgres_initdb: (why: string, cause: unknown) =>
    new Failure('embedded_postgres_initdb', `initdb failed: ${why}`, false, { cause }),
  database_not_made: (dataDir: string) =>
    new Failure(
      'database_not_made',
      `${dataDir} holds no database yet: \`ringfence bootstrap\` or the first \`npm start\` makes one, or set RINGFENCE_DATA_DIR to the folder that has it`,
      false,
    ),
  database_lost: (home: string, known: string) =>
    new Failure(
      'database_lost',
      `${known} belongs to a database in ${home}, which is not there. ${keep}. Put that folder back from where it was moved to or from a backup, or set RINGFENCE_DATA_DIR to an empty folder to begin a new log (${docs})`,
      false,
    ),
  database_not_whole: (home: string, file: string) =>
    new Failure(
      'database_not_whole',
      `the database in ${home} is not whole: ${file} is missing or empty. ${keep}. Put the folder back from a backup, all files of one moment, or move it away to begin a new log (${docs})`,
      false,
    ),
  database_unreadable: (path: string, code: string, owner: number | undefined) =>
    new Failure(
      'database_unreadable',
      `${path} cannot be read (${code}${owner === undefined ? '' : `, it belongs to user id ${String(owner)}`}). ${keep}. Start Ringfence as the user who started it before, or give the file back to this one`,
      false,
    ),
  database_twice: (inside: string, place: string) =>
    new Failure(
      'database_twice',
      `there are two databases for this data folder, ${inside} and ${place}. ${keep}. Move the one that is not wanted away`,
      false,
    ),
  database_shared: (place: string, other: string) =>
    new Failure(
      'database_shared',
      `the database in ${place} belongs to the data folder ${other}, of which this one is a copy. ${keep}. Set RINGFENCE_DATA_DIR to ${other}, or remove postgres.place and postgres.secret here to begin a new log`,
      false,
    ),
  database_shut: (place: string, user: number) =>
    new Failure(
      'database_shut',
      `PostgreSQL runs as user id ${String(user)}, who may not enter ${place}: give that folder and those above it search permission (chmod o+x), or start Ringfence as an ordinary user`,
      false,
    ),
  place_unusable: (place: string, code: string) =>
    new Failure(
      'place_unusable',
      `the data folder lies below a folder that only root may enter, so that PostgreSQL, which does not run as root, needs ${place}, which cannot be used (${code}): make it writable, or set RINGFENCE_DATA_DIR to a folder that every user may reach`,
      false,
    ),
  postgres_secret_missing: (path: string, home: string) =>
    new Failure(
      'postgres_secret_missing',
      `${path} is missing: it holds the password of the database in ${home}. ${keep}. Put the file back from a backup, or set a new password (${docs}); move ${home} away to begin a new log`,
      false,
    ),
  postgres_secret_wrong: (path: string, home: string) =>
    new Failure(
      'postgres_secret_wrong',
      `${path} does not hold the password of the database in ${home}. ${keep}. Put the file back from a backup, or set a new password (${docs})`,
      false,
    ),
} as const;

/** Recognises file-system errors by shape, not by class: in tests they come from another realm. */
export function errnoOf(failure: unknown): string {
  if (typeof failure !== 'object' || failure === null || !('code' in failure)) return 'unknown';
  return typeof failure.code === 'string' ? failure.code : 'unknown';
}
