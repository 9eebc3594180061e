import { describe, expect, it } from '@jest/globals';
import { kind as command } from './kinds/command.js';
import { generated } from './skeletons.js';

/** Lists that get one line each; their readers derive the rest. */
const lists = [
  'libs/domain/src/streams/account/account-decide.ts',
  'libs/wire/src/public-commands.ts',
  'libs/commands/src/command-definitions.ts',
  'libs/requests/src/request-builders.ts',
];
describe('a new command', () => {
  const tree = generated(command, 'accounts', 'CloseAccount');
  const paths = tree.changes.map(({ path }) => path);

  it('takes seven files, and a line in each of four lists', () => {
    expect(paths.filter((path) => !lists.includes(path))).toEqual([
      'libs/domain/src/accounts/account.commands.ts',
      'libs/domain/src/streams/account/close-account.ts',
      'libs/domain/src/streams/account/close-account.spec.ts',
      'libs/domain/src/mode-wall.spec.ts',
      'libs/wire/src/commands/accounts/close-account.ts',
      'libs/commands/src/accounts/close-account.ts',
      'libs/requests/src/accounts/close-account.ts',
    ]);
    expect(paths.filter((path) => lists.includes(path))).toHaveLength(lists.length);
    for (const path of lists) {
      const lines = tree.read(path).split('\n');
      expect(lines.filter((line) => !line.startsWith('import') && /close_?account/i.test(line))).toHaveLength(1);
    }
  });

  it('needs a context that has commands, and a verb with its object', () => {
    expect(() => generated(command, 'weather', 'CloseAccount')).toThrow('the context is one of accounts, calls');
    expect(() => generated(command, 'accounts', 'closeAccount')).toThrow('a verb and what it is done to');
    expect(() => generated(command, 'accounts')).toThrow('a verb and what it is done to');
  });
});
