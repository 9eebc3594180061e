import type { Command } from 'commander';
import { cliFailures } from './failures.js';

type ServerOption = 'url' | 'apiKey';
const [both, urlAlone, none] = [['url', 'apiKey'], ['url'], []] as const;

/** Which of the options that name a server and a key each command heeds. The others go to the database or to Kafka, whatever server is named. */
export const heededOptions: Readonly<Record<string, readonly ServerOption[]>> = {
  login: both,
  logout: urlAlone,
  keys: both,
  accounts: both,
  calls: both,
  numbers: both,
  usage: both,
  ledger: both,
  audit: both,
  demo: urlAlone,
  bootstrap: none,
  projections: none,
  replay: none,
  backup: none,
  restore: none,
  vault: none,
  peppers: none,
  dlq: none,
  topics: none,
  completion: none,
};
const written: Readonly<Record<ServerOption, string>> = { url: '--url', apiKey: '--api-key' };

/** What a command would not heed it refuses: whoever names a server means that one. */
export function refuseIgnoredOptions(root: Command): void {
  root.hook('preAction', (_root, action) => {
    const command = commandBelow(root, action);
    const ignored = both.filter(
      (option) => root.getOptionValueSource(option) === 'cli' && !heededBy(command).includes(option),
    );
    const names = ignored.map((option) => written[option]).join(' and ');
    if (names !== '') throw cliFailures.usage(`\`${command}\` does not heed ${names}: leave it out`);
  });
}

/** @throws RangeError for a command that does not stand in the table: a slip of whoever made it */
function heededBy(command: string): readonly ServerOption[] {
  const options = heededOptions[command];
  if (options === undefined) throw new RangeError(`${command} does not say which options it heeds`);
  return options;
}

function commandBelow(root: Command, action: Command): string {
  return action.parent === null || action.parent === root ? action.name() : commandBelow(root, action.parent);
}
