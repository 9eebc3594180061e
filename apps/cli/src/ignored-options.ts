import type { Command } from 'commander';
import { cliFailures } from './failures.js';

type ServerOption = 'url' | 'apiKey';
const [both, urlAlone, none] = [['url', 'apiKey'], ['url'], []] as const;

/** Options of each command that name a server or a key. Commands with neither use the database or Kafka. */
export const serverOptions: Readonly<Record<string, readonly ServerOption[]>> = {
  login: both,
  logout: urlAlone,
  keys: both,
  accounts: both,
  calls: both,
  numbers: both,
  acls: both,
  trunks: both,
  apps: both,
  events: both,
  secrets: both,
  listen: both,
  usage: both,
  ledger: both,
  audit: both,
  demo: urlAlone,
  bootstrap: none,
  projections: none,
  replay: none,
  storage: none,
  backup: none,
  restore: none,
  vault: none,
  peppers: none,
  dlq: none,
  topics: none,
  completion: none,
};
const written: Readonly<Record<ServerOption, string>> = { url: '--url', apiKey: '--api-key' };

/** Refuses options that a command would ignore: a user who names a server means that server. */
export function refuseIgnoredOptions(root: Command): void {
  root.hook('preAction', (_root, action) => {
    const command = commandBelow(root, action);
    const ignored = both.filter(
      (option) => root.getOptionValueSource(option) === 'cli' && !optionsOf(command).includes(option),
    );
    const names = ignored.map((option) => written[option]).join(' and ');
    if (names !== '') throw cliFailures.usage(`\`${command}\` does not take ${names}: leave it out`);
  });
}

/** @throws RangeError for a command that is missing in the table, which is a bug */
function optionsOf(command: string): readonly ServerOption[] {
  const options = serverOptions[command];
  if (options === undefined) throw new RangeError(`${command} is missing in the table of server options`);
  return options;
}

function commandBelow(root: Command, action: Command): string {
  return action.parent === null || action.parent === root ? action.name() : commandBelow(root, action.parent);
}
