import { describe, expect, it } from '@jest/globals';
import { csvColumnsOf, valueAt } from './csv-columns.js';
import { amountOrNull, listOf, object, page, ref, text } from './json-schema.js';

const schemas = {
  Priced: object({ currency: text, charge: { anyOf: [object({ amount_micros: amountOrNull }), { type: 'null' }] } }),
  Item: object({
    id: text,
    price: ref('Priced'),
    tags: listOf(text),
    counts: { type: 'object', additionalProperties: text },
  }),
  ItemList: page(ref('Item')),
};

describe('the columns of a list', () => {
  it('are the members of an item in the order of its schema, nested ones under dotted names', () => {
    const columns = csvColumnsOf('ItemList', schemas);
    expect(columns.map((column) => column.join('.'))).toEqual([
      'id',
      'price.currency',
      'price.charge.amount_micros',
      'tags',
      'counts',
    ]);
    const item = { id: 'a', price: { currency: 'USD', charge: null }, tags: ['x'] };
    expect(columns.map((column) => valueAt(item, column))).toEqual(['a', 'USD', undefined, ['x'], undefined]);
  });

  it('are those of a list alone', () => {
    expect(() => csvColumnsOf('Item', schemas)).toThrow('"Item" is not the schema of a list');
    expect(() => csvColumnsOf('Missing', schemas)).toThrow(RangeError);
  });
});
