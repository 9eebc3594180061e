import { checkBatch } from '@ringfence/ports/log/batch-rules';
import {
  type AppendBatch,
  type AppendResult,
  type DueAsked,
  type DuePage,
  type EventStore,
  type FilteredPage,
  type LaneFence,
  readLimitMax,
  type RecordedEvent,
  type RecordedOutcome,
  type Snapshot,
  type TakenLane,
} from '@ringfence/ports/log/event-store';
import { checkZstd } from '@ringfence/runtime/node-zstd';
import { isAborted } from '@ringfence/kernel/aborted';
import type { Statements } from '@ringfence/sql-postgres/pipeline';
import { Failure } from '@ringfence/kernel/failure';
import type { CommandId, StreamId } from '@ringfence/kernel/ids';
import { laneOf, type Epoch, type Lane } from '@ringfence/kernel/lane';
import {
  epochMs,
  position,
  streamVersion,
  type EpochMs,
  type Position,
  type StreamVersion,
} from '@ringfence/kernel/units';
import { createHash } from 'node:crypto';
import type { Pool } from 'pg';
import { appendParameters, transactionsIn } from './append-parameters.js';
import { ColdPages } from './cold-pages.js';
import { EventListener } from './event-listener.js';
import { GroupCommit } from './group-commit.js';
import {
  eventIn,
  type EventRow,
  eventsOf,
  filteredPageOf,
  filteredPageQuery,
  type FilteredPageRow,
  isCold,
  pageQuery,
  type PageRow,
  streamOf,
} from './log-page.js';
import { migrateLog } from './migrate.js';
import { LocalAppendCache } from './local-append-cache.js';
import { outcomeKey } from './outcome-key.js';
import { ShortReads } from './short-reads.js';
import { readSnapshot, writeSnapshot } from './snapshot-rows.js';
import { withStoreFailures } from './store-failures.js';

const subscriptionBatchMax = 1_000;

/** The log in PostgreSQL ≥ 15, schema `log`. */
export class PostgresEventStore implements EventStore {
  readonly #listener: EventListener;
  readonly #tail = new LocalAppendCache();
  readonly #cold: ColdPages;
  readonly #short: ShortReads;
  readonly #commits = new GroupCommit((batch) => this.#write(batch));

  /** @param prepared executes the short reads of clients */
  private constructor(
    private readonly pool: Pool,
    announces: boolean,
    prepared: Statements = pool,
  ) {
    this.#short = new ShortReads(prepared);
    this.#listener = new EventListener({ pool, head: () => this.head(), announces });
    this.#cold = new ColdPages(pool);
  }

  /**
   * Opens a store. The caller keeps the pool, and closes it after the store.
   * @param announces whether other processes are notified of commits; without that they see them within half a second
   */
  static async open(pool: Pool, { announces = true } = {}): Promise<PostgresEventStore> {
    checkZstd();
    await withStoreFailures(() => migrateLog(pool));
    return new PostgresEventStore(pool, announces);
  }

  /** Opens a store for reading on its own connections: reads there do not delay appends. */
  static reading(pool: Pool, prepared: Statements): PostgresEventStore {
    return new PostgresEventStore(pool, false, prepared);
  }

  async append(batch: AppendBatch): Promise<AppendResult> {
    checkBatch(batch);
    return this.#commits.append(batch);
  }

  async #write(batch: AppendBatch): Promise<AppendResult> {
    const values = appendParameters(batch);
    const { rows } = await withStoreFailures(() =>
      this.pool.query<{ first_position: string; head: string }>({ name: 'log.append', text: appendSql, values }),
    );
    const [row] = rows;
    if (row === undefined) throw new Failure('event_store_unavailable', 'The append answered nothing.', true);
    const first = position(Number(row.first_position));
    this.#tail.committed(batch, first);
    if (batch.appends.length > 0) this.#listener.announce();
    return { first, head: position(Number(row.head)) };
  }

  async readAll(from: Position, limit: number): Promise<readonly RecordedEvent[]> {
    const count = Math.min(limit, readLimitMax);
    const { rows } = await withStoreFailures(() => this.pool.query<PageRow>(pageQuery(from, count)));
    if (!isCold(rows[0], from)) return eventsOf(rows[0], from);
    const { events, next } = await withStoreFailures(() => this.#cold.read(from, count));
    return events.length === count ? events : [...events, ...(await this.readAll(next, count - events.length))];
  }

  async readAllExcept(omitted: readonly string[], from: Position, limit: number): Promise<FilteredPage> {
    const count = Math.min(limit, readLimitMax);
    const query = filteredPageQuery(omitted, from, count);
    const { rows } = await withStoreFailures(() => this.pool.query<FilteredPageRow>(query));
    if (!isCold(rows[0], from)) return filteredPageOf(rows[0], from);
    const { events, next } = await withStoreFailures(() => this.#cold.read(from, count, omitted));
    if (next === from + count) return { events, next };
    const rest = await this.readAllExcept(omitted, next, from + count - next);
    return { events: [...events, ...rest.events], next: rest.next };
  }

  /** @returns undefined if the database is unavailable */
  async #readOn(from: Position): Promise<readonly RecordedEvent[] | undefined> {
    return this.readAll(from, subscriptionBatchMax).catch((error: unknown) => {
      if (error instanceof Failure && error.retryable) return undefined;
      throw error;
    });
  }

  async readStream(stream: StreamId, fromVersion: StreamVersion, limit: number): Promise<readonly RecordedEvent[]> {
    const count = Math.min(limit, readLimitMax);
    const where = 'stream = $1 and version >= $2 order by version limit $3';
    const rows = await this.#readRows('log.stream', where, [stream, fromVersion, count]);
    const first = streamVersion(Math.max(1, fromVersion));
    // Rows are the end of a stream. Read before pages: what was moved in between is then in both, never in neither.
    const below = rows[0]?.version ?? Number.POSITIVE_INFINITY;
    if (below <= first) return rows;
    const cold = await withStoreFailures(() => this.#cold.readStream(stream, first, below, count));
    return [...cold, ...rows].slice(0, count);
  }

  async readAt(positions: readonly Position[]): Promise<readonly RecordedEvent[]> {
    const wanted = [...new Set(positions.slice(0, readLimitMax))];
    const rows = await this.#readRows('log.at', 'position = any($1::bigint[]) order by position', [wanted]);
    if (rows.length === wanted.length) return rows;
    const found = new Set(rows.map((event) => event.position));
    const others = wanted.filter((at) => !found.has(at));
    return [...(await withStoreFailures(() => this.#cold.readAt(others))), ...rows];
  }

  async readSubject(subject: string, limit: number): Promise<readonly RecordedEvent[]> {
    const count = Math.min(limit, readLimitMax);
    const { hot, mayBeCold } = await this.#short.subject(subject, count);
    if (!mayBeCold) return hot;
    const below = hot[0]?.position ?? Number.POSITIVE_INFINITY;
    const cold = await withStoreFailures(() => this.#cold.readSubject(subject, below, count));
    return [...cold, ...hot].slice(0, count);
  }

  async streamEnd(stream: StreamId): Promise<Position> {
    return this.#short.streamEnd(stream);
  }

  async head(): Promise<Position> {
    return this.#short.head();
  }

  async *subscribe(from: Position, signal: AbortSignal): AsyncIterable<readonly RecordedEvent[]> {
    let next = from;
    let head: Position | undefined;
    while (!signal.aborted) {
      const { foreign } = this.#listener;
      const own = this.#tail.read(next, subscriptionBatchMax);
      const events = own.length > 0 ? own : head === next ? [] : await this.#readOn(next);
      if (isAborted(signal)) return;
      if (events !== undefined) {
        next = position(next + events.length);
        yield events;
      }
      // At the end of our own writes, and no other process has announced more: there is nothing to query.
      const read = events !== undefined && events.length > 0 && own.length === 0;
      const atEnd = !read && next >= this.#tail.end && foreign === this.#listener.foreign;
      head = events === undefined || atEnd ? await this.#listener.growth(signal) : undefined;
    }
  }

  async findOutcomes(
    keys: readonly { readonly stream: StreamId; readonly commandId: CommandId }[],
  ): Promise<readonly RecordedOutcome[]> {
    if (keys.length === 0) return [];
    const values = [
      keys.map(({ stream }) => stream),
      keys.map(({ commandId }) => commandId),
      keys.map(({ stream, commandId }) => outcomeKey(stream, commandId)),
    ];
    const { rows } = await withStoreFailures(() =>
      this.pool.query<OutcomeRow>({ name: 'log.outcomes', text: outcomesSql, values }),
    );
    return rows.map((row) => ({
      stream: streamOf(row.stream),
      commandId: row.command_id as CommandId, // written by us from a CommandId
      fingerprint: row.fingerprint,
      accepted: row.accepted,
      body: row.body,
      position: position(Number(row.position)),
    }));
  }

  async takeLanes(lanes: readonly Lane[], owner: string): Promise<readonly TakenLane[]> {
    const { rows } = await withStoreFailures(() => this.pool.query<LaneRow>(takeLanesSql, [lanes, owner]));
    return rows.map(
      ({ lane, epoch, consumed_next: next, consumed_above: above, consumed_transactions: transactions }) => ({
        lane: lane as Lane,
        epoch: Number(epoch) as Epoch,
        consumed:
          next === null
            ? null
            : { next: BigInt(next), above: above.map(BigInt), transactions: transactionsIn(transactions) },
      }),
    );
  }

  async fencedRead(fences: readonly LaneFence[]): Promise<Position> {
    const values = [fences.map(({ lane }) => lane), fences.map(({ epoch }) => epoch)];
    const { rows } = await withStoreFailures(() =>
      this.pool.query<{ next: string; valid: string }>({ name: 'log.fenced', text: fencedSql, values }),
    );
    const [row] = rows;
    if (row === undefined || Number(row.valid) !== fences.length) {
      throw new Failure('lane_lease_lost', 'Another owner has taken a lane of this read.', false);
    }
    return position(Number(row.next));
  }

  async dueStreams({ laneCount, lanes, before, limit, after }: DueAsked): Promise<DuePage> {
    const ours = new Set(lanes);
    const values = [before, limit, after?.nextDueMs ?? null, after?.stream ?? null];
    const { rows } = await withStoreFailures(() => this.pool.query<DueRow>({ name: 'log.due', text: dueSql, values }));
    const looked = rows.map(({ stream, next_due_ms }) => ({
      stream: streamOf(stream),
      nextDueMs: epochMs(Number(next_due_ms)),
    }));
    const due = looked.filter(({ stream }) => ours.has(laneOf(stream, laneCount)));
    return { due, last: looked.length < limit ? null : (looked.at(-1) ?? null) };
  }

  async loadSnapshot(stream: StreamId, evolveVersion: number): Promise<Snapshot | undefined> {
    return withStoreFailures(() => readSnapshot(this.pool, stream, evolveVersion));
  }

  async saveSnapshot(snapshot: Snapshot): Promise<void> {
    await withStoreFailures(() => writeSnapshot(this.pool, snapshot));
  }

  async putBlob(bytes: Uint8Array): Promise<string> {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    await withStoreFailures(() =>
      this.pool.query('insert into log.blob values ($1, $2) on conflict do nothing', [sha256, Buffer.from(bytes)]),
    );
    return sha256;
  }

  async getBlob(sha256: string): Promise<Uint8Array | undefined> {
    const { rows } = await withStoreFailures(() =>
      this.pool.query<{ bytes: Buffer }>({
        name: 'log.blob',
        text: 'select bytes from log.blob where sha256 = $1',
        values: [sha256],
      }),
    );
    return rows[0]?.bytes;
  }

  async clock(): Promise<EpochMs> {
    const { rows } = await withStoreFailures(() => this.pool.query<{ now: string }>(clockQuery));
    return epochMs(Number(rows[0]?.now));
  }

  async close(): Promise<void> {
    await this.#listener.close();
  }

  async #readRows(name: string, where: string, values: readonly unknown[]): Promise<readonly RecordedEvent[]> {
    const text = `select position, stream, version, type, subject, bytes from log.event where ${where}`;
    const { rows } = await withStoreFailures(() => this.pool.query<EventRow>({ name, text, values: [...values] }));
    return rows.map(eventIn);
  }
}

type OutcomeRow = {
  readonly stream: string;
  readonly command_id: string;
  readonly fingerprint: Buffer;
  readonly accepted: boolean;
  readonly body: Buffer;
  readonly position: string;
};
type LaneRow = {
  readonly lane: number;
  readonly epoch: string;
  readonly consumed_next: string | null;
  readonly consumed_above: readonly string[];
  readonly consumed_transactions: readonly string[];
};
type DueRow = { readonly stream: string; readonly next_due_ms: string };
const clockQuery = {
  name: 'log.clock',
  text: 'select floor(extract(epoch from clock_timestamp()) * 1000)::bigint as now',
};
const appendSql = `select * from log.append(${Array.from({ length: 26 }, (_, index) => `$${index + 1}`).join(', ')})`;
const outcomesSql = `select stream, command_id, fingerprint, accepted, body, position from log.outcome
  where (stream, command_id) in (select * from unnest($1::text[], $2::text[]))
  union all
  select stream, command_id, coalesce(fingerprint, log.no_fingerprint()), accepted, coalesce(body, '{}'), position
  from log.packed_outcome join unnest($1::text[], $2::text[], $3::uuid[]) as asked (stream, command_id, key) using (key)`;
// The head row first, so that no append is running while a lane changes hands.
const takeLanesSql = `with held as materialized (select next from log.head for update)
  insert into log.lane (lane, epoch, owner) select lane, 1, $2 from unnest($1::integer[]) as lane, held
  on conflict (lane) do update set epoch = log.lane.epoch + 1, owner = excluded.owner
  returning lane, epoch, consumed_next, consumed_above, consumed_transactions`;
const fencedSql = `select next, (select count(*) from unnest($1::integer[], $2::bigint[]) as fence (lane, epoch)
  join log.lane using (lane, epoch)) as valid from log.head`;
const dueSql = `select stream, next_due_ms from log.stream
  where next_due_ms <= $1 and ($3::bigint is null or (next_due_ms, stream collate "C") > ($3, $4))
  order by next_due_ms, stream collate "C" limit $2`;
