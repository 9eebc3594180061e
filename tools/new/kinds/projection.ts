import type { Kind } from '../kind.js';

const registration = 'libs/read-models/src/projections.ts';
const contextMap = 'libs/domain/src/domain-event.ts';

/**
 * A read model that counts the events of one context by stream: projection, tables, spec, and a line in the list of
 * projections.
 */
export const kind: Kind = {
  usage: '<context> <name>   a read model over the events of a context: `calls trunk-usage`',
  generate: ([context = '', name = '', ...more], { tree, naming: { camelOf, pascalOf } }) => {
    const contexts = [...tree.read(contextMap).matchAll(/^ {2}readonly (\w+): \w+;$/gm)].map(([, each = '']) => each);
    if (!contexts.includes(context)) throw new Error(`the context is one of ${contexts.join(', ')}`);
    if (!/^[a-z]+(?:-[a-z]+)*$/.test(name) || name.length > 40 || more.length > 0)
      throw new Error('the name is one to 40 lower-case letters and hyphens');
    const folder = `libs/read-models/src/${context}`;
    const words = {
      context,
      name,
      schema: name.replaceAll('-', '_'),
      constant: camelOf(pascalOf(name)),
      others: contexts.filter((each) => each !== context),
    };
    tree.create(`${folder}/${name}.projection.ts`, projectionText(words));
    tree.create(`${folder}/${name}.sql`, tablesText(words));
    tree.create(`${folder}/${name}.spec.ts`, specText(words));
    tree.addImport(registration, `import { ${words.constant}Projection } from './${context}/${name}.projection.js';`);
    tree.append(
      registration,
      { opening: 'allProjections: readonly RunnableProjection[] = [', closing: '];' },
      `${words.constant}Projection,\n`,
    );
    return [
      `Say in ${name}.projection.ts which events count and what becomes of them, in ${name}.sql what is kept.`,
      `Run the spec: npm test -- ${folder}/${name}`,
      `Ask it: npm run new -- query ${context} ${name}`,
      `Add a row to the table of libs/read-models/README.md.`,
    ];
  },
};

type Words = {
  readonly context: string;
  readonly name: string;
  readonly schema: string;
  readonly constant: string;
  readonly others: readonly string[];
};

function projectionText({ context, name, schema, constant, others }: Words): string {
  return `import { readFileSync } from 'node:fs';
import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import type { StreamId } from '@ringfence/kernel/ids';
import type { OpenTransaction } from '@ringfence/ports/sql/sql-database';
import type { Projection } from '@ringfence/projections/projection';
import { rowSet } from '@ringfence/projections/row-set';
import { runnable } from '@ringfence/projections/runnable-projection';

type Counted = { readonly stream: StreamId; events: number };
type Batch = Map<StreamId, Counted>;

const ${constant}: Projection<Batch> = {
  name: '${schema}',
  version: 1,
  order: 'stream',
  tables: readFileSync(new URL('${name}.sql', import.meta.url), 'utf8'),
  newBatch: () => new Map(),
  on: {
    // One handler for the whole context. With a table, \`{ Type: handler, Other: 'ignore' }\`, a new event does not compile
    // until it is decided on.
    ${context}: count,
${others.map((each) => `    ${each}: 'ignore',`).join('\n')}
  },
  write,
};

/** Counts the events of ${context} in each stream. */
export const ${constant}Projection = runnable(${constant});

function count({ stream }: RecordedEnvelope, batch: Batch): void {
  const counted = batch.get(stream) ?? { stream, events: 0 };
  counted.events += 1;
  batch.set(stream, counted);
}

function write(batch: Batch, tx: OpenTransaction): void {
  counts.write(tx, addCounts, batch.values());
}

const counts = rowSet<Counted>({
  stream: ['text', (row) => row.stream],
  events: ['int8', (row) => row.events],
});
const addCounts = \`insert into ${schema} (\${counts.names}) select * from \${counts.from}
  on conflict (stream) do update set events = ${schema}.events + excluded.events\`;
`;
}

function tablesText({ context, schema }: Words): string {
  return `-- How many events of ${context} each stream has.
create table ${schema} (
  stream text collate "C" primary key,
  events int8 not null
);
`;
}

function specText({ context, name, schema, constant }: Words): string {
  return `import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventTypesOf } from '@ringfence/event-catalog/event-catalog';
import { WrittenHistory } from '../written-history.contract.js';
import { ${constant}Projection } from './${name}.projection.js';

let models: WrittenHistory;
beforeAll(async () => {
  models = await WrittenHistory.start([${constant}Projection]);
});
afterAll(() => models.stop());

describe('the projection ${schema}', () => {
  it('counts the events of ${context} in each stream', async () => {
    const types = eventTypesOf('${context}');
    const expected = new Map<string, number>();
    for (const { stream, data } of models.events)
      if (types.includes(data.type)) expected.set(stream, (expected.get(stream) ?? 0) + 1);
    const rows = await models.db.query<{ stream: string; events: string }>('select * from ${schema}.${schema}');
    expect(new Map(rows.map(({ stream, events }) => [stream, Number(events)]))).toEqual(expected);
  });
});
`;
}
