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
    .description('personal values and the keys that they are sealed under (on the database)');
  vault
    .command('rewrap')
    .description('put every data key under the current master key; the server may go on meanwhile')
    .action(async () => {
      await rewrap(shell);
    });
}

/** May be broken off and run again: what is done stays done. */
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
    terminal.line(`${terminal.paint('green', '✓')} ${countText(rewrapped)} keys were put under ${current}`);
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
