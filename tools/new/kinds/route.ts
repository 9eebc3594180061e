import type { Kind } from '../kind.js';

/**
 * A GET route: controller, query and operation in one file, a spec that exercises its problems, and a line in the list
 * of the context's routes.
 */
export const kind: Kind = {
  usage: '<context> <verb-noun> <path> [<projection>]   a GET below /api/v1: `usage show-forecast usage/forecast`',
  generate: ([context = '', name = '', path = '', projection, ...more], { tree, naming: { camelOf, pascalOf } }) => {
    const registration = `libs/http/src/${context}/${context}.routes.ts`;
    if (!/^[a-z]+$/.test(context) || !tree.exists(registration)) throw new Error(`${registration} is not there`);
    if (!/^[a-z]+(?:-[a-z]+)+$/.test(name) || name.length > 40 || more.length > 0)
      throw new Error('the name is a verb and a noun, at most 40 lower-case letters and hyphens');
    if (!/^[a-z]+(?:-[a-z]+)*(?:\/[a-z]+(?:-[a-z]+)*)*$/.test(path))
      throw new Error('the path is lower-case words with / between them, without parameters');
    const handlers = `libs/read-models/src/${context}/${projection ?? ''}.handlers.ts`;
    if (projection !== undefined && !tree.exists(handlers))
      throw new Error(`${handlers} is not there: npm run new -- query ${context} ${projection}`);
    const words = { name, path, type: pascalOf(name), id: camelOf(pascalOf(name)), tag: pascalOf(context) };
    const file = `libs/http/src/${context}/${name}`;
    const asked = projection === undefined ? undefined : { context, projection, query: `Find${pascalOf(projection)}` };
    tree.create(`${file}.ts`, asked === undefined ? controllerText(words) : readingText(words, asked));
    tree.create(`${file}.spec.ts`, specText(words, asked !== undefined));
    tree.addImport(registration, `import { ${words.type}Controller } from './${name}.js';`);
    const [, listed = ''] = /controllers: \[([^\]]*)\]/.exec(tree.read(registration)) ?? [];
    const separator = listed.trim() === '' || listed.trim().endsWith(',') ? '' : ', ';
    const block = { opening: 'controllers: [', closing: ']' };
    tree.append(registration, block, `${separator}${words.type}Controller`);
    return [
      `Describe parameters, answer, scopes and every problem in ${name}.ts.`,
      `Exercise each problem in ${name}.spec.ts: npm test -- ${file}`,
      `Update the API description: UPDATE_OPENAPI=1 npm test -- libs/http/src/openapi`,
      'Add it to the command line, or state why not: npm test -- apps/cli/src/api-coverage names the files.',
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

type ProjectionQuery = { readonly context: string; readonly projection: string; readonly query: string };

/** A route that asks a projection. */
function readingText({ path, type, id, tag }: Words, { context, projection, query }: ProjectionQuery): string {
  return `import { Controller, Get, Inject, Query, Req } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ${query} } from '@ringfence/read-models/${context}/${projection}.handlers';
import type { FastifyRequest } from 'fastify';
import { accountFor, callerOf } from '../edge/access.js';
import { id, object, whole } from '../edge/json-schema.js';
import { Operation } from '../edge/operation.js';
import { AccountReadQuery } from '../edge/query-fields.js';
import { ReadGate } from '../edge/reading.js';
import { validatedQuery } from '../edge/validated.js';
import { edgeProblem, status } from '../problem.js';

@Controller('api/v1/${path}')
export class ${type}Controller {
  constructor(
    @Inject(QueryBus) private readonly queries: QueryBus,
    @Inject(ReadGate) private readonly gate: ReadGate,
  ) {}

  @Get()
  @Operation({
    id: '${id}',
    tag: '${tag}',
    summary: 'What there is of an account',
    access: { scopes: ['accounts:admin'], operatorsOnly: false, modes: 'shared' },
    answer: {
      status: status.ok,
      description: 'What there is.',
      schema: object({ account_id: id('acc'), events: whole }),
    },
    read: true,
    problems: ['not_found', 'validation_failed'],
  })
  async show(
    @Query(validatedQuery(AccountReadQuery)) query: AccountReadQuery,
    @Req() request: FastifyRequest,
  ): Promise<object> {
    const accountId = accountFor(callerOf(request), query.account_id, 'query');
    await this.gate.wait(request, query.min_position, ['${projection.replaceAll('-', '_')}']);
    const row = await this.queries.execute(new ${query}(accountId));
    if (row === undefined) throw edgeProblem('not_found', 'there is nothing of this account');
    return { account_id: accountId, events: row.events };
  }
}
`;
}

function specText({ name, path, type, id }: Words, reads: boolean): string {
  const notFound = reads
    ? `itAnswers('not_found', 'where there is no such account', (world) =>
    world.get(\`${path}?account_id=\${world.behind.ids.accountId()}\`),
  );`
    : `itAnswers('not_found', 'where a key names another account than its own', async (world) => {
    const key = await world.key(await world.account());
    return world.get(\`${path}?account_id=\${await world.account()}\`, key.secret);
  });`;
  return `import { describe } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { ${type}Controller } from './${name}.js';

describe('${id}', () => {
  const itAnswers = problemsOf(${type}Controller);

  ${notFound}

  itAnswers('validation_failed', 'to an operator who names no account', (world) => world.get('${path}'));
});
`;
}
