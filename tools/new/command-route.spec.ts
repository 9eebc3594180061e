import { describe, expect, it } from '@jest/globals';
import { kind as command } from './kinds/command.js';
import { kind as commandRoute } from './kinds/command-route.js';
import * as naming from './naming.js';
import { generated, root } from './skeletons.js';
import { Tree } from './tree.js';

const wire = 'libs/wire/src/commands/accounts/close-account.ts';
const served = 'libs/http/src/accounts/close-account.ts';

/** The command and its route, after somebody has written into its definition. */
function withRoute(change: (definition: Tree) => void): Tree {
  const tree = new Tree(root);
  command.generate(['accounts', 'CloseAccount'], { tree, naming });
  change(tree);
  commandRoute.generate(['accounts', 'close-account'], { tree, naming });
  return tree;
}

describe('the route of a new command', () => {
  it('takes two files, and its line in the list of its context', () => {
    expect(generated(commandRoute, 'accounts', 'close-account').changes).toEqual([
      { path: served, created: true },
      { path: 'libs/http/src/accounts/close-account.spec.ts', created: true },
      { path: 'libs/http/src/accounts/accounts.routes.ts', created: false },
    ]);
  });

  it('is where the definition of the command says, and has no body where it has no fields', () => {
    const text = withRoute(() => undefined).read(served);
    expect(text).toContain(`@Post(':account_id/close-account')`);
    expect(text).toContain('validatedBody(NoFields)');
  });

  it('takes the body of a command that has fields from its definition', () => {
    const text = withRoute((tree) => {
      tree.insertBefore(wire, '},\n  example', ' reason: required(text), ');
    }).read(served);
    expect(text).toContain(`extends commandBody('close_account')`);
    expect(text).toContain('validatedBody(CloseAccountBody)');
  });

  it('is asked for with a context that has commands, and the name of one', () => {
    expect(() => generated(commandRoute, 'weather', 'close-account')).toThrow('the context is one of accounts, calls');
    expect(() => generated(commandRoute, 'accounts', 'CloseAccount')).toThrow('the name is the command’s');
    expect(() => generated(commandRoute, 'accounts', 'verify-account')).toThrow('is there already');
  });
});
