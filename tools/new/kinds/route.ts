import type { Kind } from '../kind.js';

/** A route that reads: controller, query and operation in one file, a spec beside it that exercises its problems, and its line among its context's routes. */
export const kind: Kind = {
  usage: '<context> <verb-noun> <path>   a GET below /api/v1: `usage show-forecast usage/forecast`',
  generate: ([context = '', name = '', path = '', ...more], { tree, naming: { camelOf, pascalOf } }) => {
    const registration = `libs/http/src/${context}/${context}.routes.ts`;
    if (!/^[a-z]+$/.test(context) || !tree.exists(registration)) throw new Error(`${registration} is not there`);
    if (!/^[a-z]+(?:-[a-z]+)+$/.test(name) || name.length > 40 || more.length > 0)
      throw new Error('the name is a verb and a noun, at most 40 lower-case letters and hyphens');
    if (!/^[a-z]+(?:-[a-z]+)*(?:\/[a-z]+(?:-[a-z]+)*)*$/.test(path))
      throw new Error('the path is lower-case words with / between them, without parameters');
    const words = { name, path, type: pascalOf(name), id: camelOf(pascalOf(name)), tag: pascalOf(context) };
    const file = `libs/http/src/${context}/${name}`;
    tree.create(`${file}.ts`, controllerText(words));
    tree.create(`${file}.spec.ts`, specText(words));
    tree.addImport(registration, `import { ${words.type}Controller } from './${name}.js';`);
    const [, listed = ''] = /controllers: \[([^\]]*)\]/.exec(tree.read(registration)) ?? [];
    const separator = listed.trim() === '' || listed.trim().endsWith(',') ? '' : ', ';
    const block = { opening: 'controllers: [', closing: ']' };
    tree.append(registration, block, `${separator}${words.type}Controller`);
    return [
      `Say in ${name}.ts what is asked and answered, and with which scopes; name every problem that it can answer.`,
      `Bring each of them about in ${name}.spec.ts: npm test -- ${file}`,
      `Write the description anew: UPDATE_OPENAPI=1 npm test -- libs/http/src/openapi`,
    ];
  },
};

type Words = {
  readonly name: string;
  readonly path: string;
  readonly type: string;
  readonly id: string;
  readonly tag: string;
};

function controllerText({ path, type, id, tag }: Words): string {
  return `import { Controller, Get, Query, Req } from '@nestjs/common';
import { idPattern } from '@ringfence/wire/field-rule';
import type { FastifyRequest } from 'fastify';
import { accountFor, callerOf } from '../edge/access.js';
import { Text } from '../edge/fields.js';
import { id, object } from '../edge/json-schema.js';
import { Operation } from '../edge/operation.js';
import { validatedQuery } from '../edge/validated.js';
import { status } from '../problem.js';

class ${type}Query {
  @Text({ description: 'The account; needed with an operator’s key.', charactersMax: 40, pattern: idPattern('acc') })
  account_id?: string | null;
}

@Controller('api/v1/${path}')
export class ${type}Controller {
  @Get()
  @Operation({
    id: '${id}',
    tag: '${tag}',
    summary: 'The account',
    access: { scopes: ['accounts:admin'], operatorsOnly: false, modes: 'shared' },
    answer: { status: status.ok, description: 'The account.', schema: object({ account_id: id('acc') }) },
    problems: ['not_found', 'validation_failed'],
  })
  show(@Query(validatedQuery(${type}Query)) query: ${type}Query, @Req() request: FastifyRequest): object {
    return { account_id: accountFor(callerOf(request), query.account_id, 'query') };
  }
}
`;
}

function specText({ name, path, type, id }: Words): string {
  return `import { describe } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { ${type}Controller } from './${name}.js';

describe('${id}', () => {
  const itAnswers = problemsOf(${type}Controller);

  itAnswers('not_found', 'where a key names another account than its own', async (world) => {
    const key = await world.key(await world.account());
    return world.get(\`${path}?account_id=\${await world.account()}\`, key.secret);
  });

  itAnswers('validation_failed', 'to an operator who names no account', (world) => world.get('${path}'));
});
`;
}
