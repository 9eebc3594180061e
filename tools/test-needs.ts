import { existsSync, globSync } from 'node:fs';
import { delimiter, join } from 'node:path';

type Way = { readonly setting?: string; readonly commands?: readonly string[]; readonly file?: string };
/** A requirement of tests that npm does not bring, the ways to satisfy it, and the tests that need it. */
type Need = {
  readonly needed: string;
  readonly anyOf: readonly Way[];
  readonly suites: readonly string[];
  readonly files: readonly RegExp[];
};

export const needs: readonly Need[] = [
  {
    needed: 'Apache Kafka, or Java 17 and Maven, or Docker',
    anyOf: [
      { setting: 'KAFKA_BROKERS' },
      { setting: 'DOCKER_HOST' },
      { file: '/var/run/docker.sock' },
      { commands: ['java', 'mvn'] },
    ],
    suites: ['end to end, over Kafka', 'end to end, over Kafka, alone', 'fault run'],
    files: [
      /^libs\/adapters\/messaging-kafka\//,
      /^libs\/testing\/src\/kafka\//,
      /^e2e\/src\/faults\/[^/]+\.faults\.ts$/,
      /^e2e\/src\/(account-topics|cluster|network-partition|example|recovery|sdk|sdk-package|signed-commands|upgrade-carrier|upgrade-cluster)\.e2e/,
    ],
  },
  { needed: 'kcat', anyOf: [{ commands: ['kcat'] }], suites: [], files: [/^e2e\/src\/signed-commands\.e2e/] },
  {
    needed: 'PgBouncer',
    anyOf: [{ commands: ['pgbouncer'] }, { file: '/usr/sbin/pgbouncer' }],
    suites: [],
    files: [/^libs\/adapters\/sql-postgres\/src\/database-pooler\.spec/],
  },
  {
    needed: 'nginx',
    anyOf: [{ commands: ['nginx'] }, { file: '/usr/sbin/nginx' }],
    suites: [],
    files: [/^e2e\/src\/behind-a-proxy\.e2e/],
  },
  {
    needed: 'HAProxy',
    anyOf: [{ commands: ['haproxy'] }, { file: '/usr/sbin/haproxy' }],
    suites: [],
    files: [/^e2e\/src\/behind-a-proxy\.e2e/],
  },
  { needed: 'openssl', anyOf: [{ commands: ['openssl'] }], suites: [], files: [/^e2e\/src\/behind-a-proxy\.e2e/] },
  {
    needed: 'Python 3',
    anyOf: [{ commands: ['python3'] }],
    suites: [],
    files: [/^e2e\/src\/(teler-client|teler-resources|generated-clients)\.e2e/],
  },
  {
    needed: 'bash and curl',
    anyOf: [{ commands: ['bash', 'curl'] }],
    suites: [],
    files: [/^e2e\/src\/first-five-minutes\.e2e/],
  },
  {
    needed: 'git, and the project as a clone',
    anyOf: [{ commands: ['git'], file: '.git' }],
    suites: [],
    files: [/^tools\/tidy\.spec/, /^libs\/event-catalog\/src\/event-golden\.spec/],
  },
];

/** Tests that cannot run here, by name, with what is missing. */
type LeftOut = { readonly suites: ReadonlyMap<string, string>; readonly files: ReadonlyMap<string, string> };

/** @returns nothing in a build (`CI`): there a test that lacks something is red */
export function leftOut(root: string, environment: NodeJS.ProcessEnv): LeftOut {
  const inBuild = (environment['CI'] ?? '') !== '';
  const missing = inBuild ? [] : needs.filter(({ anyOf }) => !anyOf.some((way) => isThere(way, root, environment)));
  const reasoned = (names: readonly string[], isNeeded: (need: Need, name: string) => boolean) => {
    const why = (name: string) => missing.filter((need) => isNeeded(need, name)).map(({ needed }) => needed);
    return new Map(names.map((name) => [name, why(name).join('; ')] as const).filter(([, reason]) => reason !== ''));
  };
  return {
    suites: reasoned(
      missing.flatMap(({ suites }) => suites),
      ({ suites }, name) => suites.includes(name),
    ),
    files: reasoned(testFiles(root), ({ files }, path) => files.some((file) => file.test(path))),
  };
}

/** Relative to the root. */
export function testFiles(root: string): readonly string[] {
  const exclude = ['**/node_modules/**', '**/dist/**'];
  return globSync('{apps,bench,e2e,libs,tools}/**/*.{spec,e2e,faults,long}.ts', { cwd: root, exclude }).sort();
}

/** Says whether everything that a way names is there. */
function isThere({ setting, commands = [], file }: Way, root: string, environment: NodeJS.ProcessEnv): boolean {
  const folders = (environment['PATH'] ?? '').split(delimiter);
  const onPath = (command: string) => folders.some((folder) => existsSync(join(folder, command)));
  return (
    (setting === undefined || (environment[setting] ?? '') !== '') &&
    commands.every(onPath) &&
    (file === undefined || existsSync(file.startsWith('/') ? file : join(root, file)))
  );
}
