import type { Command } from 'commander';
import { KeyRing } from '@ringfence/runtime/key-ring';
import { rewrapKeys, wrappedKeyCounts } from '@ringfence/vault-postgres/rewrap';
import { ringOf } from '../backup/server-keys.js';
import { openLogDatabase } from '../database/open-database.js';
import type { Shell } from '../shell.js';
import { countText } from '../terminal/amounts.js';

export function vaultCommands(program: Command, shell: Shell): void {
  const vault = program
    .command('vault')
    .description('the data keys that personal values are sealed under (on the database)');
  vault
    .command('rewrap')
    .description('wrap every data key with the current master key; the server may keep running')
    .action(async () => {
      await rewrap(shell);
    });
}

/** Rewraps all data keys. May be interrupted and run again: completed work is kept. */
async function rewrap({ settings, terminal }: Shell): Promise<void> {
  const masterKeys = KeyRing.parse(await ringOf(settings, 'master-key'), 'the master key');
  const { pool, close } = await openLogDatabase(settings);
  try {
    let rewrapped = 0;
    for (let batch = await rewrapKeys(pool, masterKeys); batch > 0; batch = await rewrapKeys(pool, masterKeys)) {
      rewrapped += batch;
      if (!terminal.json) terminal.note(`  ${countText(rewrapped)} keys`);
    }
    const under = await wrappedKeyCounts(pool);
    const current = masterKeys.current.id;
    if (terminal.json) {
      terminal.line(JSON.stringify({ current, rewrapped, under: Object.fromEntries(under) }));
      return;
    }
    terminal.line(`${terminal.paint('green', '✓')} ${countText(rewrapped)} keys were wrapped with ${current}`);
    for (const [id, keys] of under) terminal.line(`  ${id}: ${countText(keys)} keys`);
    const others = masterKeys.all.map(({ id }) => id).filter((id) => id !== current);
    if (others.length > 0)
      terminal.note(
        `  ${others.join(', ')}: no longer needed here once every process runs with ${current} first; backups from before need it.`,
      );
  } finally {
    await close();
  }
}
