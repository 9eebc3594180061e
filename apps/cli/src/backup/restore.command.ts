import { access } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { KeyRing } from '@ringfence/runtime/key-ring';
import { readManifest } from '@ringfence/backup-postgres/manifest';
import { restoreBackup } from '@ringfence/backup-postgres/restore';
import { isoTimeOf } from '@ringfence/event-catalog/envelope-attributes';
import { cliFailures } from '../failures.js';
import { openDatabase } from '../database/open-database.js';
import type { Shell } from '../shell.js';
import { countText } from '../terminal/amounts.js';
import type { Terminal } from '../terminal/terminal.js';
import { backedUpSchemas, createPlatformSchemas } from './platform-schemas.js';
import type { RestoredLog } from './restored-log.js';
import { registerFileName } from '@ringfence/reactors/register/register-reactor';
import { checkKeyOptions, findServerKeys, keepServerKeys, givenPassphrase, readKeysFile } from './server-keys.js';
import { type ServerKeyName, serverKeySettings, type Settings } from '../settings.js';

type RestoreOptions = {
  readonly keys?: string;
  readonly passphraseFile?: string;
  readonly withoutKeys?: boolean;
  readonly laterEvents?: readonly string[];
};

export function restoreCommand(program: Command, shell: Shell): void {
  program
    .command('restore <dir>')
    .description('bring a backup into an empty database, all of it or nothing, and check it (on the database)')
    .option('--keys <file>', 'also bring the server’s own keys out of this file into the data directory')
    .option('--passphrase-file <file>', 'holds the passphrase (default: RINGFENCE_BACKUP_PASSPHRASE)')
    .addOption(
      new Option(
        '--without-keys',
        'restore though the keys are not here: the server is given them elsewhere',
      ).conflicts('keys'),
    )
    .option(
      '--later-events <files...>',
      'erasures and revocations that are younger than the backup: see docs/operations.md',
    )
    .action(async (dir: string, options: RestoreOptions) => {
      await restore(resolve(dir), options, shell);
    });
}

async function restore(folder: string, options: RestoreOptions, { settings, terminal }: Shell): Promise<void> {
  checkKeyOptions(options);
  // Before a database is created: there may be nothing to restore.
  const { head, logId, masterKeyIds } = await readManifest(folder);
  const broughtKeys =
    options.keys === undefined
      ? {}
      : await readKeysFile(resolve(options.keys), await givenPassphrase(options.passphraseFile, settings), logId);
  const serverKeys = { ...(await findServerKeys(settings)), ...broughtKeys };
  const { 'master-key': masterKey } = serverKeys;
  const missing = neededKeys.filter((name) => serverKeys[name] === undefined);
  // Checked now, not at the first start: a second restore, which needs an empty database, could not bring the keys.
  if (missing.length > 0 && options.withoutKeys !== true)
    throw cliFailures.restore_without_keys(inWords(missing, masterKeyIds));
  const laterEvents = [...(options.laterEvents ?? []).map((file) => resolve(file)), ...(await ownRegister(settings))];
  // Deciding what a restored log needs takes most of the platform: it is loaded for that alone.
  const { settleRestoredLog } = await import('./restored-log.js');
  const { pool, close } = await openDatabase(settings, true);
  try {
    const bar = terminal.progress('checking', head);
    const restored = await restoreBackup(pool, {
      folder,
      schemas: backedUpSchemas,
      createSchemas: createPlatformSchemas,
      beforeCommit: async (client, manifest) => {
        const settled = await settleRestoredLog(client, manifest, {
          folder,
          laterEvents,
          masterKeys: masterKey === undefined ? null : KeyRing.parse(masterKey, 'the master key'),
          onProgress: (done) => {
            bar.at(done);
          },
        });
        await keepServerKeys(settings.dataDir, broughtKeys);
        return settled;
      },
      onTable: ({ schema, name, rows }) => {
        if (!terminal.json) terminal.note(`  ${schema}.${name}: ${countText(rows)} rows`);
      },
    }).finally(bar.end);
    print(restored, { missing, knowsLater: laterEvents.length > 0 }, terminal);
  } finally {
    await close();
  }
}

/** Secrets without which no server starts on an existing log. */
const neededKeys = ['master-key', 'pepper'] as const;

function inWords(missing: readonly ServerKeyName[], masterKeyIds: readonly string[]): string {
  const words = missing.map((name) =>
    name === 'master-key'
      ? `the master key ${masterKeyIds.join(', ')} (${serverKeySettings[name]})`
      : `the ${name} (${serverKeySettings[name]})`,
  );
  return words.join(' and ');
}

/** Events that the server of this data directory has recorded since the backup. */
async function ownRegister({ dataDir }: Settings): Promise<readonly string[]> {
  const register = join(dataDir, registerFileName);
  return access(register).then(
    () => [register],
    () => [],
  );
}

function print(
  { manifest, erased, lostRevocations, keysInForce }: RestoredLog,
  { missing, knowsLater }: { readonly missing: readonly ServerKeyName[]; readonly knowsLater: boolean },
  terminal: Terminal,
): void {
  const { head, logId, madeAt, masterKeyIds } = manifest;
  if (terminal.json) {
    const revocations = lostRevocations.map(({ keyId, revokedAtMs }) => ({
      key_id: keyId,
      revoked_at: isoTimeOf(revokedAtMs),
    }));
    terminal.line(
      JSON.stringify({
        log_id: logId,
        head,
        made_at: madeAt,
        erased,
        lost_revocations: revocations,
        keys_in_force: keysInForce,
        keys_missing: missing,
      }),
    );
    return;
  }
  terminal.line(
    `${terminal.paint('green', '✓')} ${countText(head)} events up to ${madeAt}: positions, versions, hashes and bytes hold`,
  );
  terminal.line(`  ${countText(erased)} values of the backup were erased again`);
  for (const { keyId, revokedAtMs } of lostRevocations)
    terminal.line(
      terminal.paint(
        'red',
        `✗ ${keyId} was revoked at ${isoTimeOf(revokedAtMs)} and is in force again: ringfence keys revoke ${keyId}`,
      ),
    );
  terminal.line(
    knowsLater
      ? `  Revoke these before you admit clients. Anything that the given events do not contain is lost: ${countText(keysInForce)} keys are in force as of ${madeAt}.`
      : `  Revocations and erasures after ${madeAt} are lost, and none is known here: any of ${countText(keysInForce)} keys in force may have been revoked since.`,
  );
  if (missing.length > 0)
    terminal.line(
      terminal.paint('red', `✗ No server starts on this log before it is given ${inWords(missing, masterKeyIds)}.`),
    );
  terminal.note('  The next start rebuilds the read models.');
}
