/**
 * The most statements that a connection keeps prepared. A process has fewer; one beyond the maximum is planned every
 * time.
 */
export const preparedMax = 256;

/** Names of prepared statements, the same on every connection of the process. */
export class StatementNames {
  readonly #names = new Map<string, string>();
  /** The number of names given: a connection keeps the plans of former names too. */
  #given = 0;

  /** The name of a statement; undefined: it is beyond the maximum, and not to be prepared. */
  of(sql: string): string | undefined {
    const known = this.#names.get(sql);
    if (known !== undefined || this.#given >= preparedMax) return known;
    const name = `sql_${String(this.#given)}`;
    this.#given += 1;
    this.#names.set(sql, name);
    return name;
  }

  /** Gives a statement another name, under which every connection plans it again; beyond the maximum, none. */
  renew(sql: string, outdated: string): void {
    if (this.#names.get(sql) === outdated) this.#names.delete(sql);
  }
}
