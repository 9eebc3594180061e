import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { getuid } from 'node:process';
import { promisify } from 'node:util';
import { embeddedFailures } from './embedded-failures.js';

const run = promisify(execFile);

export type ServerUser = { readonly uid: number; readonly gid: number };

/** Starts PostgreSQL programs: never as root, and never with a capability. */
export type Launcher = {
  /** The command and its leading arguments, before the program and its own arguments. */
  readonly prefix: readonly string[];
  /** User that runs the programs; null: the current one. */
  readonly user: ServerUser | null;
  /** Says whether that user may enter this folder, or run this file. */
  readonly reaches: (path: string) => Promise<boolean>;
};

/**
 * Options that remove all capabilities, including those that a file could grant: the superuser of a database can run
 * any program as this user.
 */
const bare = ['--inh-caps', '-all', '--ambient-caps', '-all', '--no-new-privs'];
/**
 * Capabilities that root needs to start and stop a server as another user and to manage its files; the number is the
 * bit in CapEff.
 */
const neededAsRoot = { CHOWN: 0, DAC_OVERRIDE: 1, KILL: 5, SETGID: 6, SETUID: 7 } as const;

/**
 * @param owner of the existing cluster; undefined: there is none, or it is root
 * @throws Failure `embedded_postgres_root`, `embedded_postgres_capabilities`
 */
export async function findLauncher(owner: ServerUser | undefined): Promise<Launcher> {
  if (getuid?.() !== 0) return asOurselves();
  const missing = await missingAsRoot();
  if (missing.length > 0)
    throw embeddedFailures.embedded_postgres_root(
      `root may not start it as another user here: the capabilities ${missing.join(', ')} are missing (in a container: ${missing.map((name) => `--cap-add ${name}`).join(' ')})`,
    );
  const user = owner ?? (await ordinaryUser());
  const prefix = ['setpriv', '--reuid', String(user.uid), '--regid', String(user.gid), '--clear-groups', ...bare];
  const why = await unusableReason(prefix);
  if (why !== undefined)
    throw embeddedFailures.embedded_postgres_root(
      `setpriv (util-linux) cannot start it as user id ${String(user.uid)} (${why})`,
    );
  const reaches = async (path: string) => (await unusableReason([...prefix, 'test', '-x', path], [])) === undefined;
  return { prefix, user, reaches };
}

/** Says whether a process has no capability in any set; true where the system has no capabilities. */
export async function isBare(pid: number | 'self'): Promise<boolean> {
  const status = await statusOf(pid);
  return ['CapInh', 'CapPrm', 'CapEff', 'CapAmb'].every((set) => (status.get(set) ?? 0n) === 0n);
}

async function asOurselves(): Promise<Launcher> {
  const [ready, bareAlready] = await Promise.all([unusableReason(['setpriv', ...bare]), isBare('self')]);
  if (ready !== undefined && !bareAlready) throw embeddedFailures.embedded_postgres_capabilities();
  const prefix = ready === undefined ? ['setpriv', ...bare] : [];
  return { prefix, user: null, reaches: () => Promise.resolve(true) };
}

async function missingAsRoot(): Promise<readonly string[]> {
  const effective = (await statusOf('self')).get('CapEff');
  if (effective === undefined) return [];
  return Object.entries(neededAsRoot).flatMap(([name, bit]) => ((effective >> BigInt(bit)) & 1n ? [] : [name]));
}

/** The capability sets in `/proc/<pid>/status`, in hexadecimal. */
async function statusOf(pid: number | 'self'): Promise<ReadonlyMap<string, bigint>> {
  const text = await readFile(`/proc/${String(pid)}/status`, 'utf8').catch(() => '');
  return new Map(
    [...text.matchAll(/^(Cap\w+):\s*([0-9a-f]+)$/gm)].map(([, name = '', set = '0']) => [name, BigInt(`0x${set}`)]),
  );
}

async function ordinaryUser(): Promise<ServerUser> {
  for (const name of ['postgres', 'nobody']) {
    const [uid, gid] = await Promise.all([idOf('-u', name), idOf('-g', name)]);
    if (uid !== undefined && gid !== undefined) return { uid, gid };
  }
  throw embeddedFailures.embedded_postgres_root('this machine has neither a user postgres nor nobody');
}

async function idOf(flag: '-u' | '-g', name: string): Promise<number | undefined> {
  const answer = await run('id', [flag, name]).catch(() => undefined);
  const id = Number(answer?.stdout.trim());
  return answer !== undefined && Number.isSafeInteger(id) && id > 0 ? id : undefined;
}

/** @returns why the command fails; undefined: it succeeds */
async function unusableReason(
  [command = '', ...args]: readonly string[],
  program: readonly string[] = ['true'],
): Promise<string | undefined> {
  return run(command, [...args, ...program], { cwd: '/' }).then(
    () => undefined,
    (failure: unknown) =>
      failure instanceof Error && 'stderr' in failure && typeof failure.stderr === 'string' && failure.stderr !== ''
        ? failure.stderr.trim()
        : String(failure),
  );
}
