import { resolve } from 'node:path';
import { rm } from 'node:fs/promises';
import type { Command } from 'commander';
import { makeBackup } from '@ringfence/backup-postgres/backup';
import type { Manifest } from '@ringfence/backup-postgres/manifest';
import { openDatabase } from '../database/open-database.js';
import type { Shell } from '../shell.js';
import { countText } from '../terminal/amounts.js';
import type { Terminal } from '../terminal/terminal.js';
import { backedUpSchemas, identifyLog } from './platform-schemas.js';
import { checkKeyOptions, findServerKeys, givenPassphrase, writeKeysFile } from './server-keys.js';

type BackupOptions = { readonly keys?: string; readonly passphraseFile?: string };

export function backupCommand(program: Command, shell: Shell): void {
  program
    .command('backup <dir>')
    .description('write everything except projections into a new folder; the server may keep running (on the database)')
    .option('--keys <file>', 'also write the server’s own keys, encrypted to a passphrase, into this new file')
    .option('--passphrase-file <file>', 'holds the passphrase (default: RINGFENCE_BACKUP_PASSPHRASE)')
    .action(async (dir: string, options: BackupOptions) => {
      await backUp(resolve(dir), options, shell);
    });
}

async function backUp(folder: string, options: BackupOptions, { settings, terminal }: Shell): Promise<void> {
  checkKeyOptions(options);
  const keysFile = options.keys === undefined ? undefined : resolve(options.keys);
  const passphrase = keysFile === undefined ? '' : await givenPassphrase(options.passphraseFile, settings);
  const { pool, close } = await openDatabase(settings);
  let keysWritten = false;
  try {
    const manifest = await makeBackup(pool, {
      folder,
      schemas: backedUpSchemas,
      identify: identifyLog,
      beforeWhole: async ({ logId }) => {
        if (keysFile === undefined) return;
        await writeKeysFile(keysFile, passphrase, logId, await findServerKeys(settings));
        keysWritten = true;
      },
      onTable: ({ schema, name, rows, bytes }) => {
        if (!terminal.json) terminal.note(`  ${schema}.${name}: ${countText(rows)} rows, ${countText(bytes)} bytes`);
      },
    }).catch(async (failure: unknown) => {
      // Without the backup its key file is useless, and would block the next attempt.
      if (keysWritten && keysFile !== undefined) await rm(keysFile, { force: true });
      throw failure;
    });
    print(manifest, folder, keysFile, terminal);
  } finally {
    await close();
  }
}

function print(manifest: Manifest, folder: string, keysFile: string | undefined, terminal: Terminal): void {
  const { head, logId, madeAt, masterKeyIds, tables } = manifest;
  const bytes = tables.reduce((sum, table) => sum + table.bytes, 0);
  if (terminal.json) {
    const result = {
      folder,
      log_id: logId,
      head,
      made_at: madeAt,
      bytes,
      master_key_ids: masterKeyIds,
      keys: keysFile,
    };
    terminal.line(JSON.stringify(result));
    return;
  }
  terminal.line(
    `${terminal.paint('green', '✓')} ${folder}: ${countText(head)} events up to ${madeAt}, ${countText(bytes)} bytes`,
  );
  terminal.note(
    keysFile === undefined
      ? `  Keys are not in it: keep the master key (${masterKeyIds.join(', ')}) and the pepper elsewhere, or use --keys.`
      : `  The server’s keys are in ${keysFile}, encrypted; they cannot be read without the passphrase.`,
  );
}
