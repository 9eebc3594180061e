import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import type { Command } from 'commander';
import { cliFailures } from '../failures.js';
import { apiClient } from '../server/api-client.js';
import type { Shell } from '../shell.js';
import { readCredentials, rootOf, writeCredentials } from './credentials.js';

type LoginOptions = { readonly url?: string; readonly apiKey?: string };

export function loginCommands(program: Command, shell: Shell): void {
  program
    .command('login')
    .description(
      'keep an API key for a server, readable by you alone; reads it from standard input unless --api-key is given',
    )
    .action(async () => {
      const { url: named, apiKey: given } = program.opts<LoginOptions>();
      const url = rootOf(named ?? (await shell.url()));
      const apiKey = given ?? (await askedFor(shell));
      const answer = await apiClient(url, apiKey).ask('/voice/calls', { query: { limit: 1 } });
      if (answer.status === 404) throw cliFailures.server_elsewhere(url);
      if (answer.status === 401) throw cliFailures.login_refused(url);
      const path = shell.settings.credentialsFile;
      const { apiKeys } = await readCredentials(path);
      await writeCredentials(path, { current: url, apiKeys: new Map([...apiKeys, [url, apiKey]]) });
      const { terminal } = shell;
      if (terminal.json) terminal.line(JSON.stringify({ url, file: path }));
      else terminal.line(`${terminal.paint('green', '✓')} logged in to ${url}; the key is kept in ${path}`);
    });
  program
    .command('logout')
    .description('forget the key of a server')
    .action(async () => {
      const { url: named } = program.opts<LoginOptions>();
      const path = shell.settings.credentialsFile;
      const { current, apiKeys } = await readCredentials(path);
      const url = named === undefined ? current : rootOf(named);
      if (url === undefined || !apiKeys.has(url)) throw cliFailures.not_logged_in(url ?? 'any server');
      const left = new Map([...apiKeys].filter(([server]) => server !== url));
      await writeCredentials(path, { current: current === url ? undefined : current, apiKeys: left });
      const { terminal } = shell;
      if (terminal.json) terminal.line(JSON.stringify({ url }));
      else terminal.line(`${terminal.paint('green', '✓')} logged out of ${url}`);
    });
}

/** One line of standard input; what a person types is not shown. */
async function askedFor({ terminal }: Shell): Promise<string> {
  const { stdin } = process;
  if (stdin.isTTY) terminal.note('API key (it is not shown):');
  const silent = new Writable({ write: (_chunk, _encoding, done) => { done(); } }); // prettier-ignore
  const lines = createInterface({ input: stdin, output: silent, terminal: stdin.isTTY });
  for await (const line of lines) {
    lines.close();
    if (line.trim() !== '') return line.trim();
  }
  throw cliFailures.usage('a key is needed: give one line on standard input, or --api-key');
}
