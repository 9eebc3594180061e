/**
 * Says when a statement is planned. `once`: a connection keeps the plan, for whatever parameters follow. `each_time`:
 * for its parameters, as a list with optional filters needs it, whose index depends on the filters that are set.
 */
export type Planned = 'once' | 'each_time';

/**
 * One statement at a time against PostgreSQL. `Row` names what the statement selects and is not checked: the SQL is
 * right beside it. bigint, numeric and date columns arrive as text, bytea as Buffer; arrays go out as PostgreSQL
 * arrays, bigints as decimal text. Any call may throw Failure `database_unavailable` (retryable; the statement may have
 * been executed) and the driver's own error for a statement that the database refuses.
 */
export interface SqlTransaction {
  /**
   * @param params without them, `sql` may be several statements, and is planned each time
   * @param planned default: `once`; `sql` is then one of few texts
   */
  query<Row>(sql: string, params?: readonly unknown[], planned?: Planned): Promise<readonly Row[]>;
}

/** A transaction at work. */
export interface OpenTransaction extends SqlTransaction {
  /**
   * Adds a statement whose rows nobody needs, planned once. It is sent with the next `query` or with the commit, in the
   * order of the calls, so that any number of statements cost one round trip; its failure is thrown there.
   */
  execute(sql: string, params: readonly unknown[]): void;
}

export interface SqlDatabase extends SqlTransaction {
  /** Commits when `work` resolves, rolls back when it throws. One connection for the whole of `work`. */
  transaction<Result>(work: (tx: OpenTransaction) => Promise<Result>): Promise<Result>;
}
