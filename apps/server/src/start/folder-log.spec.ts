import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parseLogId } from '@ringfence/kernel/ids';
import { UlidIds } from './ulid-ids.js';
import { checkBelongs, keepFolderLog, readFolderLog } from './folder-log.js';

const ids = new UlidIds();

describe('the log that a data folder belongs to', () => {
  let dataDir: string;
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'ringfence-folder-log-'));
  });
  afterEach(() => rm(dataDir, { recursive: true, force: true }));

  it('is recorded in a private file, and read again', async () => {
    expect(await readFolderLog(dataDir)).toBeUndefined();
    const logId = ids.logId();
    await keepFolderLog(dataDir, logId);
    expect(await readFolderLog(dataDir)).toBe(logId);
    expect((await stat(join(dataDir, 'log-id'))).mode & 0o777).toBe(0o600);
    expect(parseLogId((await readFile(join(dataDir, 'log-id'), 'utf8')).trim())).toBe(logId);
  });

  it.each(['', 'acc_01M8KWMAE4HGD0VTB39HQH8ZD8', 'log_'])('is not guessed from a file that holds %j', async (text) => {
    await writeFile(join(dataDir, 'log-id'), text);
    await expect(readFolderLog(dataDir)).rejects.toMatchObject({ code: 'log_id_unreadable' });
    await chmod(join(dataDir, 'log-id'), 0o600);
  });

  it('is not mistaken for none when the file cannot be read', async () => {
    await mkdir(join(dataDir, 'log-id'));
    await expect(readFolderLog(dataDir)).rejects.toMatchObject({ code: 'log_id_unreadable' });
  });

  it('has to be the log of the database, unless none is recorded', () => {
    const [ours, other] = [ids.logId(), ids.logId()];
    expect(() => {
      checkBelongs(dataDir, undefined, undefined);
      checkBelongs(dataDir, undefined, other);
      checkBelongs(dataDir, ours, ours);
    }).not.toThrow();
    expect(() => {
      checkBelongs(dataDir, ours, other);
    }).toThrow(expect.objectContaining({ code: 'log_of_another_folder' }));
    expect(() => {
      checkBelongs(dataDir, ours, undefined);
    }).toThrow(expect.objectContaining({ code: 'log_gone' }));
  });
});
