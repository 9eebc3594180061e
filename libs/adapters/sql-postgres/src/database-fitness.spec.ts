import { afterEach, describe, expect, it } from '@jest/globals';
import { chown, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { unfitReason } from './database-fitness.js';
import { ask, ScratchClusters } from './scratch-clusters.js';

const scratch = new ScratchClusters();
afterEach(() => scratch.discard());

describe('a database', () => {
  it('that is a server of its own is fit, and nothing is made in it', async () => {
    const { url } = await scratch.start(await scratch.dataDir());
    const made = 'select sum(hashtext(oid::text || relname)) from pg_class';
    const before = await ask(url, made);
    expect(await unfitReason(url)).toBeNull();
    expect(await ask(url, made)).toBe(before);
  });

  it('whose transactions are read-only by a setting is not', async () => {
    const { url } = await scratch.start(await scratch.dataDir());
    await ask(url, 'alter role ringfence set default_transaction_read_only = on');
    expect(await unfitReason(url)).toEqual({ kind: 'read_only', standby: false });
  });

  it('that is a standby is not', async () => {
    const dataDir = await scratch.dataDir();
    const server = await scratch.start(dataDir);
    await server.stop();
    const signal = join(server.home, 'data/standby.signal');
    const { uid, gid } = await stat(join(server.home, 'data'));
    await writeFile(signal, '');
    await chown(signal, uid, gid);
    const { url } = await scratch.start(dataDir);
    expect(await unfitReason(url)).toEqual({ kind: 'read_only', standby: true });
  });

  it('that is not there is an error of the driver’s', async () => {
    await expect(unfitReason('postgres://ringfence:x@127.0.0.1:1/none')).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
  });
});
