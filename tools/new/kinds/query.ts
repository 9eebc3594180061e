import type { Kind } from '../kind.js';

const host = 'libs/read-models/src/read-models.module.ts';
const waitedFor = 'libs/http/src/edge/reading.ts';

/**
 * A query of an existing projection: its SQL, the query with its handler, the lines in the module, and its schema among
 * those that a read may wait for.
 */
export const kind: Kind = {
  usage: '<context> <projection>   a query of an existing projection: `calls trunk-usage`',
  generate: ([context = '', name = '', ...more], { tree, naming: { camelOf, pascalOf } }) => {
    const folder = `libs/read-models/src/${context}`;
    const projection = `${folder}/${name}.projection.ts`;
    if (!/^[a-z]+$/.test(context) || !/^[a-z]+(?:-[a-z]+)*$/.test(name) || more.length > 0)
      throw new Error('context and name are those of the projection, in lower-case letters and hyphens');
    if (!tree.exists(projection)) throw new Error(`${projection} does not exist: npm run new -- projection`);
    const schema = name.replaceAll('-', '_');
    const [type, constant] = [pascalOf(name), camelOf(pascalOf(name))];
    tree.create(`${folder}/${name}.queries.ts`, queriesText(schema, type));
    tree.create(`${folder}/${name}.handlers.ts`, handlersText(name, type, constant));
    tree.addImport(host, `import { ${constant}Handlers } from './${context}/${name}.handlers.js';`);
    tree.addImport(host, `import { ${type}Queries } from './${context}/${name}.queries.js';`);
    tree.append(host, { opening: 'const queries = [', closing: '];' }, `${type}Queries,\n`);
    tree.append(host, { opening: 'const handlers = [', closing: '];' }, `...${constant}Handlers,\n`);
    const models = { opening: 'type ReadModelName =', closing: ';' };
    const [, listed = ''] = /type ReadModelName =([^;]*);/.exec(tree.read(waitedFor)) ?? [];
    if (!listed.includes(`'${schema}'`)) tree.append(waitedFor, models, ` | '${schema}'`);
    return [
      `Describe what is found, and by what, in ${name}.queries.ts and ${name}.handlers.ts.`,
      `Ask it in the projection’s spec: models.ask(new Find${type}(models.account)).`,
      `Serve it: npm run new -- route ${context} show-${name} PATH ${name}`,
    ];
  },
};

function queriesText(schema: string, type: string): string {
  return `import type { AccountId } from '@ringfence/kernel/ids';
import type { SqlTransaction } from '@ringfence/ports/sql/sql-database';

export type ${type}Row = { readonly accountId: AccountId; readonly events: number };
type ${type}Record = { readonly stream: AccountId; readonly events: string };

/** Rows of ${schema}. Throws Failure \`database_unavailable\` (retryable). */
export class ${type}Queries {
  constructor(private readonly db: SqlTransaction) {}

  async find(accountId: AccountId): Promise<${type}Row | undefined> {
    const [record] = await this.db.query<${type}Record>('select * from ${schema}.${schema} where stream = $1', [
      accountId,
    ]);
    return record === undefined ? undefined : { accountId: record.stream, events: Number(record.events) };
  }
}
`;
}

function handlersText(name: string, type: string, constant: string): string {
  return `import { Query } from '@nestjs/cqrs';
import type { AccountId } from '@ringfence/kernel/ids';
import { queryHandler } from '../query.handlers.js';
import { ${type}Queries, type ${type}Row } from './${name}.queries.js';

/** undefined: there is none. */
export class Find${type} extends Query<${type}Row | undefined> {
  constructor(readonly accountId: AccountId) {
    super();
  }
}

export const ${constant}Handlers = [
  queryHandler(Find${type}, ${type}Queries, (queries, { accountId }) => queries.find(accountId)),
];
`;
}
