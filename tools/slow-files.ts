/**
 * Test files that take longer than most, the longest first. On a machine that has never run them Jest goes by their
 * size alone, and a worker is left with a long one when the others have nothing to do any more.
 */
export const slowFiles: readonly string[] = [
  'libs/testing/src/simulation/simulation.spec.ts',
  'libs/adapters/messaging-kafka/src/broker-crash.spec.ts',
  'libs/adapters/messaging-kafka/src/projection-groups.spec.ts',
  'libs/adapters/sql-postgres/src/server-user.spec.ts',
  'libs/adapters/sql-postgres/src/kept-cluster.spec.ts',
  'libs/adapters/messaging-kafka/src/relay.spec.ts',
  'libs/adapters/backup-postgres/src/backup.spec.ts',
  'libs/projections/src/projection-engine.spec.ts',
  'e2e/src/signed-commands.e2e.ts',
  'e2e/src/crash.e2e.ts',
  'e2e/src/cluster.e2e.ts',
  'e2e/src/example.e2e.ts',
  'e2e/src/command-line.e2e.ts',
  'e2e/src/generated-clients.e2e.ts',
  'e2e/src/backup.e2e.ts',
  'e2e/src/upgrade-carrier.e2e.ts',
  'e2e/src/upgrade-cluster.e2e.ts',
  'e2e/src/key-rotation.e2e.ts',
  'e2e/src/lost-files.e2e.ts',
  'e2e/src/exactness.e2e.ts',
  'e2e/src/sdk.e2e.ts',
  'e2e/src/account-topics.e2e.ts',
];
