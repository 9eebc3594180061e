import { join } from 'node:path';
import type { Command } from 'commander';
import { cliFailures } from '../failures.js';
import { platformApi } from '../server/platform-api.js';
import { secretFile } from '../server/server-file.js';
import type { Shell } from '../shell.js';
import { countText } from '../terminal/amounts.js';
import type { Terminal } from '../terminal/terminal.js';
import { jsonNarrator } from './json-narrator.js';
import { narratorOn } from './narrator.js';
import { runScenario } from './story.js';

export function demoCommand(program: Command, shell: Shell, screen: NodeJS.WriteStream): void {
  program
    .command('demo')
    .description('play the whole story against a running server, in an account of its own')
    .option(
      '--admin-key <secret>',
      'an operator’s key (default: RINGFENCE_ADMIN_KEY, or the development file of the data directory)',
    )
    .action(async ({ adminKey }: { readonly adminKey?: string }) => {
      const { settings, terminal } = shell;
      const url = await shell.url();
      const kept = join(settings.dataDir, 'admin-key');
      const secret = adminKey ?? settings.adminKey ?? (await secretFile(kept));
      // Checked first: without a server a key is of no use.
      await platformApi(url, '').client.find();
      if (secret === undefined)
        throw cliFailures.admin_key_missing(
          '--admin-key, RINGFENCE_ADMIN_KEY, or RINGFENCE_DATA_DIR with the data folder of a server on this machine ' +
            `(there is no ${kept})`,
        );
      const began = performance.now();
      if (!terminal.json) terminal.line(`${terminal.paint('bold', 'Ringfence')} at ${url}`);
      const narrator = terminal.json ? jsonNarrator(terminal) : narratorOn(terminal, screen);
      try {
        await runScenario(platformApi(url, secret), narrator);
      } finally {
        narrator.ends();
      }
      sayDone(terminal, url, performance.now() - began);
    });
}

function sayDone(terminal: Terminal, url: string, tookMs: number): void {
  if (terminal.json) {
    terminal.line(JSON.stringify({ as_told: true, url, took_ms: Math.round(tookMs) }));
    return;
  }
  const seconds = countText(tookMs / 1000);
  terminal.line(
    `${terminal.paint('green', '✓')} ${terminal.paint('bold', 'everything went as the story says')}, in ${seconds} s`,
  );
}
