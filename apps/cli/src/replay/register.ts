import type { Command } from 'commander';
import { openDatabase } from '../database/open-database.js';
import type { Shell } from '../shell.js';
import { postgresLogSource } from './log-source.js';
import { checkReplayArguments, type ReplayArguments, runReplay } from './replay.command.js';

export function replayCommand(program: Command, shell: Shell): void {
  program
    .command('replay')
    .description('read the log, check every link, and print what happened (on the database)')
    .option('--account <acc_…>', 'one account’s events alone')
    .option('--stream <stream>', 'one stream’s events alone: an account’s id, or `platform`')
    .option(
      '--subject <id>',
      'print only what is about this call, key or personal value; everything is checked all the same',
    )
    .option('--verify-only', 'print no events')
    .action(async (args: ReplayArguments) => {
      checkReplayArguments(args);
      const { pool, close } = await openDatabase(shell.settings);
      try {
        await runReplay(postgresLogSource(pool), args, shell.terminal);
      } finally {
        await close();
      }
    });
}
