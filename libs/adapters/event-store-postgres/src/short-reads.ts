import { Failure } from '@ringfence/kernel/failure';
import type { StreamId } from '@ringfence/kernel/ids';
import { position, type Position } from '@ringfence/kernel/units';
import type { RecordedEvent } from '@ringfence/ports/log/event-store';
import { SharedStatement } from '@ringfence/runtime/shared-statement';
import type { Statements } from '@ringfence/sql-postgres/pipeline';
import { eventIn, type EventRow } from './log-page.js';
import { withStoreFailures } from './store-failures.js';
import { subjectKey } from './subject-key.js';

/** Events of a subject in rows; `mayBeCold`: earlier ones may be in pages. */
type SubjectFound = { readonly hot: readonly RecordedEvent[]; readonly mayBeCold: boolean };

/** The reads that nearly every read of a client needs: those of one time share their statements. */
export class ShortReads {
  readonly #subjects: SharedStatement<SubjectAsked, SubjectRow>;
  readonly #ends: SharedStatement<{ readonly stream: string }, EndRow>;

  constructor(private readonly prepared: Statements) {
    this.#subjects = this.#shared('log.subject', subjectSql);
    this.#ends = this.#shared('log.stream_end', endSql);
  }

  /** The first `count` events of a subject, as far as they are in rows. */
  async subject(subject: string, count: number): Promise<SubjectFound> {
    const rows = await this.#subjects.ask({ subject, key: String(subjectKey(subject)), count });
    const hot = rows.flatMap((row) => (row.position === null ? [] : [eventIn({ ...row, position: row.position })]));
    return { hot, mayBeCold: rows[0]?.cold === true };
  }

  async streamEnd(stream: StreamId): Promise<Position> {
    const [row] = await this.#ends.ask({ stream });
    const last = row?.position ?? null;
    return position(last === null ? 0 : Number(last) + 1);
  }

  async head(): Promise<Position> {
    const { rows } = await withStoreFailures(() => this.prepared.query<{ next: string }>(headQuery));
    return position(Number(rows[0]?.next));
  }

  #shared<Question extends object, Row extends { readonly asked: number }>(name: string, text: string) {
    const execute = async (asked: string) => {
      const query = { name, text, values: [asked] };
      return (await withStoreFailures(() => this.prepared.query<Row>(query))).rows;
    };
    const overrun = () => new Failure('event_store_unavailable', 'Too many reads wait for the log.', true);
    return new SharedStatement<Question, Row>(execute, overrun);
  }
}

type SubjectAsked = { readonly subject: string; readonly key: string; readonly count: number };
/** `cold`: whether the subject may be in a page; a null position: it is in no row. */
type SubjectRow = Omit<EventRow, 'position'> & {
  readonly asked: number;
  readonly position: string | null;
  readonly cold: boolean;
};
type EndRow = { readonly asked: number; readonly position: string | null };

const headQuery = { name: 'log.head', text: 'select next from log.head' };
const subjectSql = `select asked::int4, event.*, exists (select from log.page_of_subject where key = of_key) as cold
  from rows from (json_to_recordset($1) as (subject text, key int8, count int4))
    with ordinality as wanted (about, of_key, count, asked)
  left join lateral
  (select position, stream, version, type, subject, bytes from log.event where subject = about
   order by position limit count) as event on true
  order by asked, position`;
const endSql = `select asked::int4, coalesce(
  (select position from log.event where stream = of_stream order by version desc limit 1),
  (select last_position from log.page_of_stream where stream = of_stream order by version desc limit 1)) as position
  from rows from (json_to_recordset($1) as (stream text)) with ordinality as wanted (of_stream, asked)`;
