import { Failure } from '@ringfence/kernel/failure';

/** Why a start came to nothing, each in one line that says what to do. */
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
      `${dataDir} cannot be used as the data folder (${why}): set RINGFENCE_DATA_DIR to another one`,
      false,
    ),
  database_too_old: (version: string) =>
    new Failure('database_too_old', `PostgreSQL ${version} is too old: DATABASE_URL needs 15 or later`, false),
  kafka_ca_unreadable: (path: string, cause: unknown) =>
    new Failure('kafka_ca_unreadable', `${path} of RINGFENCE_KAFKA_CA cannot be read`, false, { cause }),
  register_unwritable: (path: string, cause: unknown) =>
    new Failure(
      'register_unwritable',
      `${path} cannot be written: erasures and revocations of which a restore will have to know wait until it can`,
      true,
      { cause },
    ),
  start_given_up: () =>
    new Failure('start_given_up', 'the start was interrupted while another process made the platform ready', false),
  database_unreachable: (why: string) =>
    new Failure('database_unreachable', `the database of DATABASE_URL cannot be used: ${why}`, true),
} as const;
