import type { OpenTransaction } from '@ringfence/ports/sql/sql-database';

/** The PostgreSQL types that rows are written in. */
type ColumnType = 'text' | 'int4' | 'int8' | 'bool' | 'numeric' | 'date' | 'bytea' | 'uuid';
/** bytea as lower-case hex. */
type ColumnValue = string | number | bigint | boolean | null;

type Column<Row> = readonly [type: ColumnType, valueOf: (row: Row) => ColumnValue];

/** Columns by name, in the order of the parameters. */
export type Columns<Row> = Readonly<Record<string, Column<Row>>>;

/** Rows as one array parameter per column: one statement, however many rows. */
export type RowSet<Row> = {
  /** Column names, separated by commas. */
  readonly names: string;
  /** `unnest($1::text[], …) as new (…)`. */
  readonly from: string;
  readonly params: (rows: readonly Row[]) => readonly string[];
  /** Adds the statement, whose parameters are those of the rows, to the transaction; without rows it is left out. */
  readonly write: (tx: OpenTransaction, statement: string, rows: Iterable<Row>) => void;
};

/**
 * @param columns by name, in the order of the parameters
 * @param before the number of parameters of the statement before those of the rows
 */
export function rowSet<Row>(columns: Columns<Row>, before = 0): RowSet<Row> {
  const names = Object.keys(columns);
  const described = Object.values(columns);
  const arrays = described.map(([type], index) => `$${String(before + index + 1)}::${type}[]`);
  const params = (rows: readonly Row[]) => described.map(([type, valueOf]) => arrayText(type, rows, valueOf));
  return {
    names: names.join(', '),
    from: `unnest(${arrays.join(', ')}) as new (${names.join(', ')})`,
    params,
    write: (tx, statement, rows) => {
      const all = [...rows];
      if (all.length > 0) tx.execute(statement, params(all));
    },
  };
}

const special = /["\\]/;

/** A PostgreSQL array literal, much cheaper than the driver's encoding of arrays of unknown content. */
function arrayText<Row>(type: ColumnType, rows: readonly Row[], valueOf: (row: Row) => ColumnValue): string {
  const values = rows.map(valueOf);
  if (type === 'text' && isWhole(values)) return `{"${values.map(escaped).join('","')}"}`;
  return `{${values.map((value) => elementText(type, value)).join(',')}}`;
}

/** Says whether every value is text: then quotes are joined with the commas, and no value is copied. */
function isWhole(values: readonly ColumnValue[]): values is readonly string[] {
  return values.length > 0 && values.every((value) => typeof value === 'string');
}

function elementText(type: ColumnType, value: ColumnValue): string {
  if (value === null) return 'NULL';
  if (type === 'text') return `"${escaped(String(value))}"`;
  return type === 'bytea' ? `"\\\\x${String(value)}"` : String(value);
}

function escaped(text: string): string {
  return special.test(text) ? text.replace(/["\\]/g, '\\$&') : text;
}
