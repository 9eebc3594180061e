import 'reflect-metadata';
import { type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CqrsModule, type Query, QueryBus } from '@nestjs/cqrs';
import type { CallPlaced } from '@ringfence/domain/calls/call.events';
import type { DomainEvent } from '@ringfence/domain/domain-event';
import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import { EventFeed } from '@ringfence/event-feed/event-feed';
import { MemoryEventStore, MemoryLog } from '@ringfence/event-store-memory/memory-event-store';
import type { AccountId, StreamId } from '@ringfence/kernel/ids';
import { invariant } from '@ringfence/kernel/invariant';
import { position } from '@ringfence/kernel/units';
import { EVENT_STORE, type EventStore } from '@ringfence/ports/log/event-store';
import { spanOf } from '@ringfence/projections/event-source';
import { ensureOwnTables, ensureSchema } from '@ringfence/projections/checkpoints';
import { noProjectionMetrics } from '@ringfence/projections/projection-metrics';
import { ProjectionWriter } from '@ringfence/projections/projection-writer';
import type { RunnableProjection } from '@ringfence/projections/runnable-projection';
import { openPool } from '@ringfence/sql-postgres/pool';
import { PostgresSqlDatabase } from '@ringfence/sql-postgres/postgres-sql-database';
import { openScratchDatabase, type ScratchDatabase } from '@ringfence/sql-postgres/scratch-database';
import { exampleCalendar } from '@ringfence/testing/examples';
import { FakeClock } from '@ringfence/testing/fake-clock';
import { GeneratedHistory } from '@ringfence/testing/generated-history';
import type { Pool } from 'pg';
import { registryRows } from './keys/registry-rows.js';
import { CALENDAR, READ_DATABASE, ReadModelsModule } from './read-models.module.js';

const eventCount = 6_000;

/**
 * Read models of a generated history, written into a database of their own and asked as a gateway asks them: over the
 * query bus.
 */
export class WrittenHistory {
  readonly store = new MemoryEventStore(new MemoryLog(), new FakeClock());
  readonly feed = new EventFeed(this.store, new FakeClock(), () => undefined);
  readonly history = new GeneratedHistory({ accounts: 6, liveCalls: 60 });
  readonly db: PostgresSqlDatabase;
  #events: readonly RecordedEnvelope[] = [];
  #beforeProjectors: unknown;
  #app: INestApplicationContext | undefined;

  private constructor(
    private readonly scratch: ScratchDatabase,
    private readonly pool: Pool,
    private readonly projections: readonly RunnableProjection[],
  ) {
    this.db = new PostgresSqlDatabase(pool);
  }

  /**
   * @param projections those that are written; batches are cut as unevenly as can be, for rows may not depend on where
   * one ends
   */
  static async start(projections: readonly RunnableProjection[]): Promise<WrittenHistory> {
    const scratch = await openScratchDatabase();
    const models = new WrittenHistory(scratch, openPool(scratch.url), projections);
    await models.#fill();
    return models;
  }

  async #fill(): Promise<void> {
    await this.history.appendTo(this.store, eventCount);
    this.#events = await this.feed.read(position(0), eventCount);
    this.#beforeProjectors = await registryRows(this.db).catch((failure: unknown) => failure);
    await ensureOwnTables(this.db);
    await this.write([1, 2, 3, 50, 7, 400, 1, 1_000]);
    const host = hostOf(this.db, this.store);
    this.#app = await NestFactory.createApplicationContext(host, { logger: false, abortOnError: false });
  }

  async stop(): Promise<void> {
    await this.#app?.close();
    await this.pool.end();
    await this.scratch.close();
  }

  /** The events that were written at first. */
  get events(): readonly RecordedEnvelope[] {
    return this.#events;
  }

  /** One of the accounts. */
  get account(): AccountId {
    const [account] = this.history.accountIds;
    invariant(account !== undefined, 'the history has accounts');
    return account;
  }

  /** Registry rows that a gateway found before any projector had written. */
  get beforeProjectors(): unknown {
    return this.#beforeProjectors;
  }

  ask<Result>(query: Query<Result>): Promise<Result> {
    invariant(this.#app !== undefined, 'the read models were started');
    return this.#app.get(QueryBus, { strict: false }).execute(query);
  }

  /** Brings the projections to the end of the log. @param sizes of the batches, over and over */
  async write(sizes: readonly number[]): Promise<void> {
    for (const projection of this.projections) {
      const checkpoint = await ensureSchema(this.db, projection);
      const writer = new ProjectionWriter(this.db, projection, projection.name, checkpoint, noProjectionMetrics);
      for (let round = 0; ; round += 1) {
        const batch = await this.feed.read(writer.next, sizes[round % sizes.length] ?? 1);
        if (batch.length === 0) break;
        await writer.advance(spanOf(batch));
      }
    }
  }

  /** Brings an event of `account`, or of another stream, that no history has by itself into the read models. */
  async record(event: DomainEvent, stream: StreamId = this.account): Promise<void> {
    await this.history.appendTo(this.store, this.history.record(stream, event));
    await this.write([1]);
  }

  placedIn(accountId: AccountId): readonly RecordedEnvelope<CallPlaced>[] {
    return this.#events.filter(
      (event): event is RecordedEnvelope<CallPlaced> => event.stream === accountId && event.data.type === 'CallPlaced',
    );
  }
}

function hostOf(database: PostgresSqlDatabase, store: EventStore): new () => object {
  class Database {}
  const providers = [
    { provide: READ_DATABASE, useValue: database },
    { provide: EVENT_STORE, useValue: store },
    { provide: CALENDAR, useValue: exampleCalendar },
  ];
  Module({ providers, exports: [READ_DATABASE, EVENT_STORE, CALENDAR] })(Database);
  class Root {}
  Module({ imports: [{ module: Database, global: true }, CqrsModule.forRoot(), ReadModelsModule] })(Root);
  return Root;
}
