import { describe, expect, it } from '@jest/globals';
import type { OpenTransaction } from '@ringfence/ports/sql/sql-database';
import { rowSet } from './row-set.js';

type Row = { readonly name: string | null; readonly count: number; readonly hash: string };

const rows = rowSet<Row>({
  name: ['text', (row) => row.name],
  count: ['int8', (row) => row.count],
  hash: ['bytea', (row) => row.hash],
});

describe('rowSet', () => {
  it('names a column and a parameter for each', () => {
    expect(rows.names).toBe('name, count, hash');
    expect(rows.from).toBe('unnest($1::text[], $2::int8[], $3::bytea[]) as new (name, count, hash)');
  });

  it('writes an array a column, escaped, whether or not a row has nothing there', () => {
    const plain = { name: 'a', count: 1, hash: '00ff' };
    const odd = { name: 'say "\\o/", {NULL}', count: 2, hash: '' };

    expect(rows.params([plain, odd])).toEqual(['{"a","say \\"\\\\o/\\", {NULL}"}', '{1,2}', '{"\\\\x00ff","\\\\x"}']);
    expect(rows.params([plain, { ...odd, name: null }, odd])[0]).toBe('{"a",NULL,"say \\"\\\\o/\\", {NULL}"}');
    expect(rows.params([{ ...plain, name: '' }])[0]).toBe('{""}');
    expect(rows.params([{ ...plain, name: 'NULL' }])[0]).toBe('{"NULL"}');
    expect(rows.params([])).toEqual(['{}', '{}', '{}']);
  });

  it('runs a statement with rows, and not without any', () => {
    const run: (readonly [string, readonly unknown[]])[] = [];
    const tx: OpenTransaction = {
      query: () => Promise.resolve([]),
      execute: (statement, params) => {
        run.push([statement, params]);
      },
    };
    rows.write(tx, 'insert', new Set([{ name: 'a', count: 1, hash: '00' }]));
    rows.write(tx, 'insert', []);
    expect(run).toEqual([['insert', ['{"a"}', '{1}', '{"\\\\x00"}']]]);
  });
});
