import type { Kind } from '../kind.js';

const lists = {
  public: 'libs/wire/src/public-commands.ts',
  definitions: 'libs/commands/src/command-definitions.ts',
  builders: 'libs/requests/src/request-builders.ts',
};

/**
 * A public command decided by the account's stream: type and authority, decision and spec, the client's view, wire
 * form, request, and a line in each list.
 */
export const kind: Kind = {
  usage: '<context> <CommandName>   a command about an account that clients may give: `accounts CloseAccount`',
  generate: ([context = '', type = '', ...more], { tree, naming: { camelOf, snakeOf } }) => {
    const form = forms.get(context);
    if (form === undefined) throw new Error(`the context is one of ${[...forms.keys()].join(', ')}`);
    if (!/^[A-Z][a-z]+(?:[A-Z][a-z]+)+$/.test(type) || more.length > 0)
      throw new Error('the name is a verb and what it is done to, in Pascal case: CloseAccount');
    const { file: commands, union, authority } = form;
    const words: Words = {
      context,
      type,
      constant: camelOf(type),
      kebab: snakeOf(type).replaceAll('_', '-'),
      name: snakeOf(type),
      commands,
    };

    tree.insertBefore(commands, `export type ${union} =`, typeText(words));
    tree.append(commands, { opening: `export type ${union} =`, closing: ';' }, ` | ${type}`);
    tree.append(
      commands,
      { opening: `export const ${authority}:`, closing: '\n};' },
      `\n  ${type}: { scope: null, account: null, platform: false },`,
    );
    const stream = 'libs/domain/src/streams/account';
    tree.create(`${stream}/${words.kebab}.ts`, decisionText(words));
    tree.create(`${stream}/${words.kebab}.spec.ts`, specText(words));
    tree.addImport(`${stream}/account-decide.ts`, `import { ${words.constant} } from './${words.kebab}.js';`);
    tree.append(
      `${stream}/account-decide.ts`,
      { opening: 'const decisions:', closing: '\n};' },
      `\n  ${type}: authorized(${words.constant}),`,
    );

    const wall = 'libs/domain/src/mode-wall.spec.ts';
    const example = `\n  ${type}: () => ({ type: '${type}', accountId }),`;
    tree.append(wall, { opening: 'const commands:', closing: '\n};' }, example);
    tree.append(wall, { opening: 'const table:', closing: '\n};' }, `\n  ${type}: nobodys,`);

    tree.create(`libs/wire/src/commands/${context}/${words.kebab}.ts`, publicText(words));
    tree.create(`libs/commands/src/${context}/${words.kebab}.ts`, definitionText(words));
    tree.create(`libs/requests/src/${context}/${words.kebab}.ts`, requestText(words));
    listed(
      lists.public,
      './commands',
      words.constant,
      `${words.name}: ${words.constant}`,
      'publicCommands = named({',
      '\n});',
    );
    listed(lists.definitions, '.', words.constant, `${type}: ${words.constant}`, 'const definitions = {', '\n};');
    listed(lists.builders, '.', `request${type}`, `${words.name}: bound(request${type})`, '  return {', '\n  };');
    return [
      `State who may present it in ${commands}, and on which side of the mode wall it is in ${wall}.`,
      `Give it its members in ${commands}, and its fields in libs/wire, libs/commands and libs/requests (${context}/${words.kebab}.ts).`,
      `Decide it: ${stream}/${words.kebab}.ts, and its spec.`,
      `Serve it, when it has its fields and its authority: npm run new -- command-route ${context} ${words.kebab}`,
      'Update docs/asyncapi.json: UPDATE_OPENAPI=1 npm test -- libs/http/src/asyncapi',
    ];

    function listed(path: string, folder: string, name: string, entry: string, opening: string, closing: string): void {
      tree.addImport(path, `import { ${name} } from '${folder}/${context}/${words.kebab}.js';`);
      tree.append(path, { opening, closing }, `\n  ${entry},`);
    }
  },
};

type Form = {
  readonly file: string;
  readonly union: string;
  readonly authority: string;
};

const forms: ReadonlyMap<string, Form> = new Map([
  [
    'accounts',
    {
      file: 'libs/domain/src/accounts/account.commands.ts',
      union: 'AccountCommand',
      authority: 'accountAuthority',
    },
  ],
  [
    'calls',
    {
      file: 'libs/domain/src/calls/call.commands.ts',
      union: 'CallCommand',
      authority: 'callAuthority',
    },
  ],
]);

type Words = {
  readonly context: string;
  readonly type: string;
  readonly constant: string;
  readonly kebab: string;
  readonly name: string;
  readonly commands: string;
};

function typeText({ type }: Words): string {
  return `export type ${type} = CommandMetadata & { readonly type: '${type}'; readonly accountId: AccountId };\n\n`;
}

function decisionText({ type, constant, commands }: Words): string {
  const file = commands.replace('libs/domain/src/', '../../').replace(/\.ts$/, '.js');
  return `import { type Decision, refuse } from '@ringfence/kernel/decider';
import type { ${type} } from '${file}';
import type { Refusal } from '../../refusals.js';
import type { AccountState } from './account-state.js';
import type { AccountStreamEvent } from './slice.js';

/** Refuses every command until the decision is written. */
export function ${constant}({ accountId }: ${type}, { standing }: AccountState): Decision<AccountStreamEvent, Refusal> {
  if (standing.status === 'unopened')
    return refuse({ code: 'account_unknown', detail: \`There is no account \${accountId}.\` });
  return refuse({ code: 'presenter_not_allowed', detail: 'This release does not decide ${type} yet.' });
}
`;
}

function specText({ type }: Words): string {
  return `import { it } from '@jest/globals';
import { exampleAccountId, exampleOpened, nine } from '@ringfence/testing/examples';
import { scenariosFor } from '@ringfence/testing/scenarios';
import { accountModel } from './account-stream.js';

const given = scenariosFor(accountModel);
const command = { type: '${type}', accountId: exampleAccountId, nowMs: nine, principal: { kind: 'operator', name: 'spec' } } as const;

it('is refused for an account that is not open', () => {
  given().when(command).thenRefused({ code: 'account_unknown' });
});

it('is decided for an open account', () => {
  given(exampleOpened).when(command).thenRefused({ code: 'presenter_not_allowed' });
});
`;
}

function publicText({ type, constant, context, kebab, name }: Words): string {
  const path = context === 'accounts' ? '/accounts/:subject' : `/accounts/:subject/${context}`;
  return `import { ofAccount } from '../command-result.js';
import type { PublicCommand } from '../public-command.js';

export const ${constant} = {
  name: '${name}',
  commandType: '${type}',
  fields: {},
  example: {},
  answersSecret: false,
  route: { method: 'POST', path: '${path}/${kebab}' },
  result: ofAccount,
} as const satisfies PublicCommand;
`;
}

function definitionText({ type, constant, name }: Words): string {
  return `import { defineCommand } from '../command-definition.js';
import { accountFields } from '../wire-fields.js';

export const ${constant} = defineCommand<'${type}'>({
  name: '${name}',
  version: 1,
  fields: accountFields,
  allowedWhileDraining: false,
});
`;
}

function requestText({ type, name }: Words): string {
  return `import { accountOfStream, accountRequest, type RequestBuilder } from '../command-request.js';

export const request${type}: RequestBuilder<'${name}'> = (_body, { stream }) =>
  accountRequest({ type: '${type}', accountId: accountOfStream(stream) }, {});
`;
}
