import { Failure } from '@ringfence/kernel/failure';

/** Failures of the command line itself; a server's refusal keeps the server's own code. */
export const cliFailures = {
  usage: (message: string) => new Failure('usage', message, false),
  node_unfit: (why: string) =>
    new Failure('node_unfit', `${why}: \`npm run --silent cli -- …\` runs one that npm installed`, false),
  server_unreachable: (url: string, cause: unknown) =>
    new Failure(
      'server_unreachable',
      `no Ringfence answers at ${url}: start one with \`npm start\`, or name it with --url`,
      true,
      {
        cause,
      },
    ),
  server_answer_unreadable: (what: string) =>
    new Failure('server_answer_unreadable', `the server's answer cannot be read: ${what}`, false),
  server_refused: (code: string, message: string, retryable: boolean) => new Failure(code, message, retryable),
  server_elsewhere: (url: string) =>
    new Failure('server_elsewhere', `nothing is at ${url}/api/v1: --url is the root of the server`, false),
  login_refused: (url: string) => new Failure('key_not_accepted', `${url} does not accept this key`, false),
  not_logged_in: (url: string) =>
    new Failure('not_logged_in', `no key of ${url} is kept: see \`ringfence login\``, false),
  credentials_exposed: (path: string) =>
    new Failure(
      'credentials_exposed',
      `others may read ${path}: \`chmod 600\` it, and consider its keys leaked`,
      false,
    ),
  credentials_unreadable: (path: string) =>
    new Failure('credentials_unreadable', `${path} cannot be read: remove it and run \`ringfence login\` again`, false),
  bootstrap_with_kafka: () =>
    new Failure(
      'bootstrap_with_kafka',
      'with KAFKA_BROKERS the first gateway of the cluster begins the log: start one, or run `ringfence bootstrap` without KAFKA_BROKERS before any process of the cluster runs',
      false,
    ),
  bootstrap_failed: (why: string) => new Failure('bootstrap_failed', `the first start failed: ${why}`, false),
  admin_key_missing: (places: string) => new Failure('admin_key_missing', `an admin key is needed: ${places}`, false),
  log_missing: () =>
    new Failure(
      'log_missing',
      'this database holds no log yet: `ringfence bootstrap` or the first `npm start` opens one',
      false,
    ),
  log_broken: (findings: number) =>
    new Failure(
      'log_broken',
      `the log is not whole: ${String(findings)} ${findings === 1 ? 'finding' : 'findings'}`,
      false,
    ),
  story_differs: (step: string, expected: string, found: string) =>
    new Failure('story_differs', `${step}: expected ${expected}, found ${found}`, false),
  dead_letter_unknown: (at: string) =>
    new Failure(
      'dead_letter_unknown',
      `there is no dead letter at ${at}: name a place as \`ringfence dlq list\` prints it`,
      false,
    ),
  dead_letter_withheld: (at: string) =>
    new Failure(
      'dead_letter_withheld',
      `the message behind ${at} was a client's own command, which may hold personal values in clear, and was not kept: its sender has to publish it again`,
      false,
    ),
  dead_letter_gone: (at: string) =>
    new Failure(
      'dead_letter_gone',
      `the message behind ${at} may hold personal values in clear and was not kept; the topic that it came from no longer holds it, or never did because its transaction was aborted: its sender has to publish it again`,
      false,
    ),
  public_key_unreadable: (file: string, why: string) =>
    new Failure('public_key_unreadable', `${file} holds no Ed25519 public key: ${why}`, false),
  stream_not_parked: (name: string, stream: string) =>
    new Failure(
      'stream_not_parked',
      `${name} has no parked stream ${stream}: omit --stream for all parked streams`,
      false,
    ),
  projection_of_other_release: (name: string, built: number | null, version: number) =>
    new Failure(
      'projection_of_other_release',
      `the rows of ${name} ${built === null ? 'are not there yet' : `are version ${String(built)}`}, this release writes version ${String(version)}: \`ringfence projections rebuild ${name}\` rebuilds them`,
      false,
    ),
  still_parked: (name: string, streams: number) =>
    new Failure(
      'still_parked',
      `${String(streams)} ${streams === 1 ? 'stream' : 'streams'} of ${name} failed again and ${streams === 1 ? 'stays' : 'stay'} parked`,
      false,
    ),
  pepper_in_use: (id: string, keys: number) =>
    new Failure(
      'pepper_in_use',
      `${String(keys)} keys in force depend on the pepper ${id}: wait until they have been used, rotate or revoke them (\`ringfence peppers keys ${id}\`), or abandon them with --abandon-keys`,
      false,
    ),
  pepper_current: (id: string) =>
    new Failure(
      'pepper_current',
      `${id} is the current pepper: put a new one before it in RINGFENCE_PEPPER first`,
      false,
    ),
  server_key_missing: (file: string, setting: string) =>
    new Failure(
      'server_key_missing',
      `there is no ${file} here: set ${setting} to the server's value, or RINGFENCE_DATA_DIR to its data folder`,
      false,
    ),
  passphrase_short: (lengthMin: number) =>
    new Failure('passphrase_short', `the passphrase is too short: it needs ${String(lengthMin)} characters`, false),
  keys_file_unwritable: (path: string, cause: unknown) =>
    new Failure(
      'keys_file_unwritable',
      `${path} cannot be created for the keys: name a new file in a writable folder`,
      false,
      { cause },
    ),
  restore_without_keys: (missing: string) =>
    new Failure(
      'restore_without_keys',
      `no server starts on this log without ${missing}, not found here. Nothing was restored: give --keys FILE, set them, or pass --without-keys if the server gets them elsewhere`,
      false,
    ),
  keys_file_unreadable: (path: string, why: string) =>
    new Failure('keys_file_unreadable', `the keys cannot be read from ${path}: ${why}`, false),
  keys_file_of_other_log: (path: string) =>
    new Failure('keys_file_of_other_log', `${path} holds the keys of a different log than this backup`, false),
  later_events_unreadable: (file: string, line: number, why: string) =>
    new Failure(
      'later_events_unreadable',
      `${file}, line ${String(line)}: ${why}. Expected: one JSON event per line, as the register or \`ringfence replay --json\` writes it`,
      false,
    ),
  later_events_of_other_log: (file: string, line: number) =>
    new Failure(
      'later_events_of_other_log',
      `${file}, line ${String(line)} is an event of a different log than this backup`,
      false,
    ),
  export_broken_off: (entries: number, cause: Failure) =>
    new Failure(
      'export_broken_off',
      `the export broke off after ${String(entries)} entries and is not complete: ${cause.message} (${cause.code}); it can be run again`,
      cause.retryable,
      { cause },
    ),
  output_unwritable: (path: string, cause: unknown) =>
    new Failure('output_unwritable', `${path} cannot be written`, false, { cause }),
  ledger_broken: (position: string, why: string) =>
    new Failure('ledger_broken', `the entry at ${position} breaks the ledger: ${why}`, false),
  ledger_unbalanced: (accountId: string) =>
    new Failure('ledger_unbalanced', `the trial balance of ${accountId} does not balance`, false),
  projection_unknown: (name: string, known: readonly string[]) =>
    new Failure('projection_unknown', `there is no projection ${name}; there are ${known.join(', ')}`, false),
} as const;
