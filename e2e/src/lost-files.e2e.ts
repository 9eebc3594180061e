import { execFileSync } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { fileHarms } from '@ringfence/testing/file-harms';
import { itUnless } from '@ringfence/testing/it-unless';
import { readLog } from './log-reader.js';
import { PlatformProcess } from './platform-process.js';

/**
 * Every file that the platform itself keeps in a data folder while it does not run; those of the cluster are harmed in
 * kept-cluster.spec.
 */
const files = ['postgres.secret', 'master-key', 'pepper', 'log-id', 'admin-key', 'sandbox-key', 'demo-account'];

/** Root reads every file: then the platform is started as somebody else, who has to reach its code. */
const nobody = { uid: 65_534, gid: 65_534 };
const asRoot = process.getuid?.() === 0;
const user = asRoot ? nobody : undefined;
const itAsOrdinaryUser = itUnless(asRoot && !reaches(process.execPath) ? 'the code lies where only root may go' : null);

describe('a data folder in which a file is missing, empty or unreadable', () => {
  let top: string;
  let dataDir: string;
  let before: { readonly log: unknown; readonly events: number; readonly names: readonly string[] };
  let key: string;
  const options = () => ({ dataDir, ...(user === undefined ? {} : { user }) });

  beforeAll(async () => {
    top = await mkdtemp(join(tmpdir(), 'ringfence-lost-'));
    await chmod(top, 0o711);
    dataDir = join(top, 'data');
    await mkdir(dataDir, { mode: 0o700 });
    if (user !== undefined) await chown(dataDir, user.uid, user.gid);
    const platform = await PlatformProcess.start(options());
    key = platform.keys.sandboxKey;
    const events = await readLog(dataDir);
    await platform.stop();
    before = { log: events[0]?.json['logid'], events: events.length, names: (await readdir(dataDir)).sort() };
  });
  afterAll(() => rm(top, { recursive: true, force: true }));

  const all = files.flatMap((name) => Object.entries(fileHarms).map(([harm, harmed]) => ({ name, harm, harmed })));
  for (const { name, harm, harmed } of all) {
    itAsOrdinaryUser(`is refused, or keeps its log, when ${name} is ${harm}`, async () => {
      const repair = await harmed(join(dataDir, name));
      const started = await PlatformProcess.start(options()).catch((failure: unknown) => String(failure));
      if (typeof started === 'string') {
        expect(started).toContain('ended with 2 before it was ready');
        expect(started.trim().split('\n').at(-1)).toContain(join(dataDir, name));
      } else {
        const events = await readLog(dataDir);
        expect([events[0]?.json['logid'], events.length]).toEqual([before.log, before.events]);
        expect((await started.ask(key, 'GET', '/api/v1/voice/calls')).status).toBe(200);
        await started.stop();
      }
      await repair();
      expect((await readdir(dataDir)).sort()).toEqual(before.names);
    });
  }
});

function reaches(path: string): boolean {
  try {
    execFileSync('test', ['-x', path], nobody);
    return true;
  } catch {
    return false;
  }
}
