import 'reflect-metadata';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type INestApplicationContext, type LoggerService, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Command, CommandHandler, EventBus, type ICommandHandler, type IEventHandler, Saga } from '@nestjs/cqrs';
import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import type { SubjectId } from '@ringfence/kernel/ids';
import { type Position, position } from '@ringfence/kernel/units';
import type { EventSource } from '@ringfence/projections/event-source';
import { exampleEvents } from '@ringfence/testing/example-events';
import { ExampleLog } from '@ringfence/testing/example-log';
import { FakeTimers } from '@ringfence/testing/fake-timers';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import { map, type Observable } from 'rxjs';
import { EventFeed } from '@ringfence/event-feed/event-feed';
import { resubscribeAfterMs } from '@ringfence/event-feed/follow-feed';
import { BusesModule } from './buses.module.js';
import { type CommittedEvent, HandlesCommitted, ofCommitted } from './committed-event.js';
import { CommittedEvents } from './committed-events.js';

const [before, after, impossible, old] = (() => {
  const ids = new PredictableIds(300);
  return [ids.subjectId(), ids.subjectId(), ids.subjectId(), ids.subjectId()] as const;
})();

class Note extends Command<void> {
  constructor(readonly subjectId: SubjectId) {
    super();
  }
}

/** Positions that listeners received, and failures. */
let received: number[];
let noted: SubjectId[];
let failures: unknown[];
let logged: unknown[];

@HandlesCommitted('CallPlaced', 'CallAnswered', 'CallExtended', 'CallCompleted')
class Listener implements IEventHandler<CommittedEvent> {
  handle({ envelope }: CommittedEvent): void {
    received.push(envelope.position);
    if (envelope.data.type === 'CallCompleted') throw new Error('the listener cannot do it');
  }
}
class NotingSaga {
  @Saga()
  readonly note = (events: Observable<object>): Observable<Note> =>
    events.pipe(
      ofCommitted('SubjectErased'),
      map(({ data }) => new Note(data.subjectId)),
    );
}
@CommandHandler(Note)
class NoteHandler implements ICommandHandler<Note> {
  execute({ subjectId }: Note): Promise<void> {
    noted.push(subjectId);
    return subjectId === impossible ? Promise.reject(new Error('the handler cannot do it')) : Promise.resolve();
  }
}

let log: ExampleLog;
let timers: FakeTimers;
let stopping: AbortController;
let app: INestApplicationContext | undefined;

beforeEach(() => {
  [received, noted, failures, logged] = [[], [], [], []];
  log = new ExampleLog();
  timers = new FakeTimers(log.clock);
  stopping = new AbortController();
});
afterEach(async () => {
  stopping.abort();
  await app?.close();
  app = undefined;
});

const erasureOf = (subjectId: SubjectId) => ({ ...exampleEvents.SubjectErased, subjectId });

async function listen(source: EventSource, from: Position): Promise<void> {
  const onFailure = (failure: unknown) => failures.push(failure);
  const feed = { source, from, clock: log.clock, timers, onFailure };
  const useFactory = ({ subject$ }: EventBus) => new CommittedEvents(subject$, feed);
  const providers = [{ provide: CommittedEvents, useFactory, inject: [EventBus] }, Listener, NotingSaga, NoteHandler];
  const root = class Root {};
  Module({ imports: [BusesModule], providers })(root);
  const silent = () => undefined;
  const logger: LoggerService = {
    log: silent,
    warn: silent,
    error: (...entries: unknown[]) => logged.push(...entries),
  };
  app = await NestFactory.createApplicationContext(root, { logger, abortOnError: false });
}

function liveFeed(): EventFeed {
  const feed = new EventFeed(log.store, log.clock, (failure) => failures.push(failure));
  void feed.run(stopping.signal);
  return feed;
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds() && !stopping.signal.aborted) await new Promise((resolve) => setImmediate(resolve));
}

describe('events on the bus', () => {
  it('are what the log holds from the given position on, whether written before or after somebody listens', async () => {
    await log.append(erasureOf(old));
    await log.append(erasureOf(before));
    await listen(liveFeed(), position(1));
    await log.append(exampleEvents.CallPlaced);
    await log.append(erasureOf(after));
    await until(() => received.length === 3);
    expect(received).toEqual([1, 2, 3]);
    expect(noted).toEqual([before, after]);
    expect(failures).toEqual([]);
  });

  it('go on after a listener that fails, which is said', async () => {
    await listen(liveFeed(), position(0));
    await log.append(exampleEvents.CallCompleted);
    await log.append(erasureOf(impossible));
    await log.append(erasureOf(after));
    await until(() => received.length === 3 && noted.length === 2);
    expect([received, noted]).toEqual([
      [0, 1, 2],
      [impossible, after],
    ]);
    await until(() => logged.filter((entries) => entries instanceof Error).length === 2);
    expect(logged.filter((entries) => entries instanceof Error).map(String)).toEqual([
      'Error: the listener cannot do it',
      'Error: the handler cannot do it',
    ]);
  });

  it('come once and without a gap when a subscription breaks and is renewed', async () => {
    for (const type of ['CallPlaced', 'CallAnswered', 'CallExtended'] as const) await log.append(exampleEvents[type]);
    const feed = liveFeed();
    await listen(new BreakingSource(feed), position(0));
    await until(() => failures.length === 1);
    expect(received).toEqual([0, 1]);
    await timers.advance(resubscribeAfterMs);
    await until(() => received.includes(2));
    expect(received).toEqual([0, 1, 2]);
    expect(failures.map(String)).toEqual(['Error: connection lost']);
  });

  it('are only those of the types that somebody handles', async () => {
    await log.append(exampleEvents.CallRinging);
    await log.append(exampleEvents.CallPlaced);
    const carried: object[] = [];
    await listen(liveFeed(), position(0));
    app?.get(EventBus, { strict: false }).subject$.subscribe((event) => carried.push(event));
    await log.append(exampleEvents.KeyRotated);
    await log.append(erasureOf(after));
    await until(() => noted.length === 1);
    expect(received).toEqual([1, 3]);
    expect(carried).toHaveLength(1);
  });

  it('end with the process: a stop waits for nobody', async () => {
    await listen(liveFeed(), position(0));
    await app?.close();
    await log.append(exampleEvents.CallPlaced);
    await new Promise((resolve) => setImmediate(resolve));
    expect(received).toEqual([]);
  });
});

/** Breaks after its second event; the next subscription begins with the second once more. */
class BreakingSource implements EventSource {
  #asked = 0;
  constructor(private readonly whole: EventSource) {}

  async *subscribe(from: Position, signal: AbortSignal): AsyncGenerator<readonly RecordedEnvelope[]> {
    this.#asked += 1;
    const start = this.#asked === 1 ? from : position(from - 1);
    for await (const batch of this.whole.subscribe(start, signal)) {
      if (this.#asked > 1) yield batch;
      else yield batch.slice(0, 2);
      if (this.#asked === 1) throw new Error('connection lost');
    }
  }
}
