import { Failure } from '@ringfence/kernel/failure';
import { execFile } from 'node:child_process';
import { chown, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { getuid } from 'node:process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * How a PostgreSQL program is started. PostgreSQL refuses to run as root, so root starts it as an ordinary user; a capability lets that user
 * pass the folders above its own (a checkout under /root, say) that only root may enter.
 */
export type Launcher = {
  /** The command and its leading arguments; the program and its own arguments follow. */
  readonly prefix: readonly string[];
  /** Makes a folder, and what is in it, belong to the user that the programs run as. */
  readonly own: (folder: string) => Promise<void>;
};

const asOurselves: Launcher = { prefix: [], own: () => Promise.resolve() };

export async function findLauncher(): Promise<Launcher> {
  if (getuid?.() !== 0) return asOurselves;
  const { uid, gid } = await ordinaryUser();
  const dropTo = ['--reuid', String(uid), '--regid', String(gid), '--clear-groups'];
  const passing = ['--inh-caps', '-all,+dac_override', '--ambient-caps', '-all,+dac_override'];
  const own = (folder: string) => ownAll(folder, uid, gid);
  if (await works('setpriv', [...dropTo, ...passing, 'true']))
    return { prefix: ['setpriv', ...dropTo, ...passing], own };
  if (await works('setpriv', [...dropTo, 'true'])) return { prefix: ['setpriv', ...dropTo], own };
  throw new Failure(
    'embedded_postgres_root',
    'PostgreSQL does not run as root, and setpriv (util-linux) is not here to start it as another user. Start Ringfence as an ordinary user, or set DATABASE_URL.',
    false,
  );
}

async function ordinaryUser(): Promise<{ readonly uid: number; readonly gid: number }> {
  for (const name of ['postgres', 'nobody']) {
    const [uid, gid] = await Promise.all([idOf('-u', name), idOf('-g', name)]);
    if (uid !== undefined && gid !== undefined) return { uid, gid };
  }
  throw new Failure(
    'embedded_postgres_root',
    'PostgreSQL does not run as root, and this machine has neither a user postgres nor nobody. Start Ringfence as an ordinary user, or set DATABASE_URL.',
    false,
  );
}

async function idOf(flag: '-u' | '-g', name: string): Promise<number | undefined> {
  const answer = await run('id', [flag, name]).catch(() => undefined);
  const id = Number(answer?.stdout.trim());
  return answer !== undefined && Number.isSafeInteger(id) && id > 0 ? id : undefined;
}

async function works(command: string, args: readonly string[]): Promise<boolean> {
  return run(command, args).then(
    () => true,
    () => false,
  );
}

async function ownAll(folder: string, uid: number, gid: number): Promise<void> {
  await chown(folder, uid, gid);
  for (const entry of await readdir(folder, { recursive: true })) await chown(join(folder, entry), uid, gid);
}
