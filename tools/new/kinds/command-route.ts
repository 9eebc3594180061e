import type { Kind } from '../kind.js';

/**
 * The route that takes a command over HTTP: controller, a spec that exercises its problems, and its line among its
 * context's routes.
 */
export const kind: Kind = {
  usage: '<context> <verb-noun>   the POST by which clients give a command that is there: `accounts close-account`',
  generate: ([context = '', name = '', ...more], { tree, naming: { camelOf, pascalOf } }) => {
    const form = forms.get(context);
    if (form === undefined) throw new Error(`the context is one of ${[...forms.keys()].join(', ')}`);
    if (!/^[a-z]+(?:-[a-z]+)+$/.test(name) || more.length > 0)
      throw new Error('the name is the command’s, in lower-case letters and hyphens: close-account');
    const type = pascalOf(name);
    const command = `libs/wire/src/commands/${context}/${name}.ts`;
    const declared = tree.exists(command) ? tree.read(command) : 'fields: {},';
    const [, path = `${form.below}${name}`] = /path: '\/accounts\/:subject\/([^']+)'/.exec(declared) ?? [];
    const words: Words = {
      context,
      name,
      type,
      path,
      command: name.replaceAll('-', '_'),
      id: camelOf(type),
      method: camelOf(pascalOf(name.replace(/-.*/, ''))),
      hasFields: !declared.includes('fields: {},'),
      scope: form.scope,
      tag: pascalOf(context),
    };
    const file = `libs/http/src/${context}/${name}`;
    const registration = `libs/http/src/${context}/${context}.routes.ts`;
    tree.create(`${file}.ts`, controllerText(words));
    tree.create(`${file}.spec.ts`, specText(words));
    tree.addImport(registration, `import { ${type}Controller } from './${name}.js';`);
    tree.append(registration, { opening: 'controllers: [', closing: ']' }, `${type}Controller,`);
    return [
      `Describe scopes, as in the command’s authority, and every refusal of its decision as a problem in ${name}.ts.`,
      `Exercise each problem in ${name}.spec.ts: npm test -- ${file}`,
      'Update the API description: UPDATE_OPENAPI=1 npm test -- libs/http/src/openapi',
      'Add it to the command line, or state why not: npm test -- apps/cli/src/api-coverage names the files.',
    ];
  },
};

type Form = { readonly below: string; readonly scope: string };
const forms: ReadonlyMap<string, Form> = new Map([
  ['accounts', { below: '', scope: 'accounts:admin' }],
  ['calls', { below: 'calls/', scope: 'calls:write' }],
]);

type Words = {
  readonly context: string;
  readonly name: string;
  readonly type: string;
  /** Path below the account. */
  readonly path: string;
  readonly command: string;
  readonly id: string;
  readonly method: string;
  /** A body without fields is `NoFields`, whatever the command. */
  readonly hasFields: boolean;
  readonly scope: string;
  readonly tag: string;
};

function controllerText({ type, path, command, id, method, hasFields, scope, tag }: Words): string {
  const body = hasFields ? `${type}Body` : 'NoFields';
  return `import { Body, Controller, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
${hasFields ? "import { commandBody } from '../edge/command-body.js';\n" : ''}import { id, object, positionToken } from '../edge/json-schema.js';
${hasFields ? '' : "import { NoFields } from '../edge/no-fields.js';\n"}import { Operation } from '../edge/operation.js';
import { CommandSubmission } from '../edge/submission.js';
import { validatedBody } from '../edge/validated.js';
import { status } from '../problem.js';

${hasFields ? `export class ${body} extends commandBody('${command}') {}\n\n` : ''}@Controller('api/v1/accounts')
export class ${type}Controller {
  constructor(@Inject(CommandSubmission) private readonly commands: CommandSubmission) {}

  @Post(':account_id/${path}')
  @Operation({
    id: '${id}',
    tag: '${tag}',
    summary: '${type}',
    access: { scopes: ['${scope}'], operatorsOnly: true },
    answer: { status: status.ok, description: 'Accepted.', schema: object({ id: id('acc'), position: positionToken }) },
    command: true,
    problems: ['not_found', 'account_unknown'],
  })
  async ${method}(
    @Param('account_id') accountIdText: string,
    @Body(validatedBody(${body})) ${hasFields ? 'body' : '_body'}: ${body},
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const { accountId, position } = await this.commands.submitForAccount(
      request,
      reply,
      '${command}',
      ${hasFields ? 'body' : '{}'},
      accountIdText,
    );
    return { id: accountId, position };
  }
}
`;
}

function specText({ name, type, path, id, command, hasFields }: Words): string {
  const body = hasFields ? ', example' : '';
  const imports = hasFields ? "import { publicCommands } from '@ringfence/wire/public-commands';\n" : '';
  const example = hasFields ? `const { example } = publicCommands.${command};\n\n` : '';
  return `import { describe } from '@jest/globals';
${imports}import { problemsOf } from '../route.contract.js';
import { ${type}Controller } from './${name}.js';

${example}describe('${id}', () => {
  const itAnswers = problemsOf(${type}Controller);

  itAnswers('not_found', 'where the path names no account', (world) => world.post('accounts/acc_1/${path}'${body}));

  itAnswers('account_unknown', 'where no account has that id', (world) =>
    world.post(\`accounts/\${world.behind.ids.accountId()}/${path}\`${body}),
  );
});
`;
}
