import 'reflect-metadata';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { KeyRegistry, registryStaleAfterMs } from '@ringfence/auth/key-registry';
import { SecretHasher } from '@ringfence/auth/secret-hasher';
import { RejectedRequestCounter } from '@ringfence/auth/rejected-request-counter';
import { bootstrap } from '@ringfence/bootstrap/bootstrap';
import { openOrCreateLog, type OpenedLog } from '@ringfence/lanes/open-log';
import { RemoteDispatcher, replyGraceMs } from '@ringfence/command-transport/command-topic/remote-dispatcher';
import { CommittedEvents } from '@ringfence/cqrs/committed-events';
import { RequestIdentity } from '@ringfence/commands/request-identity';
import { COMMAND_DISPATCHER, type CommandDispatcher } from '@ringfence/commands/command-dispatcher';
import { waitingPerStreamMax } from '@ringfence/lanes/fair-command-queue';
import { PlatformView } from '@ringfence/lanes/platform-view';
import { SUBJECT_VAULT } from '@ringfence/ports/vault/subject-vault';
import { REQUEST_BUILDERS, requestBuilders } from '@ringfence/requests/request-builders';
import { KeyFinder } from '@ringfence/requests/key-finder';
import type { DomainEvent } from '@ringfence/domain/domain-event';
import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import { MemoryEventStore } from '@ringfence/event-store-memory/memory-event-store';
import type { AccountId, LogId } from '@ringfence/kernel/ids';
import { invariant } from '@ringfence/kernel/invariant';
import { epochMs, micros, type Position, position } from '@ringfence/kernel/units';
import { EVENT_STORE } from '@ringfence/ports/log/event-store';
import { ProjectionProgress } from '@ringfence/projections/projection-progress';
import { CALENDAR, READ_DATABASE } from '@ringfence/read-models/read-models.module';
import { agreedZones, exampleCalendar } from '@ringfence/testing/examples';
import { DeciderWorld, laneCount, specKeyRing, topics, clusterMac } from '@ringfence/testing/decider-world';
import { FakeTimers } from '@ringfence/testing/fake-timers';
import { HttpModule } from '../http.module.js';
import { createHttpServer } from '../server.js';
import { CLOCK, COMMAND_TOPICS, EDGE_METRICS, HEALTH, ID_SOURCE, LOG_NAME, METRICS_TEXT } from './ports.js';
import { positionTokenOf } from './positions.js';
import { minPositionWaitMsMax } from './reading.js';
import { commandDeadlineMs } from './submission.js';

const call = { from_number: '+15005550100', to_number: '+15005550000', flow_url: 'https://example.com/flow' };
const initiate = '/api/v1/voice/calls/initiate';

/** A store whose appends wait for as long as a test wants. */
class HeldStore extends MemoryEventStore {
  held: Promise<void> | undefined;

  override async append(...args: Parameters<MemoryEventStore['append']>): ReturnType<MemoryEventStore['append']> {
    await this.held;
    return super.append(...args);
  }
}

/** Read models that have seen the first event of the log and will see no other; the wait is the same, over sooner. */
class StalledProgress extends ProjectionProgress {
  readonly waitedMs: number[] = [];

  constructor() {
    super({ query: () => Promise.resolve([{ name: 'calls', position: '1' }]) } as never);
  }

  override waitFor(names: readonly string[], below: Position, timeoutMs: number): Promise<boolean> {
    this.waitedMs.push(timeoutMs);
    return super.waitFor(names, below, 100);
  }
}

/** A gateway over HTTP, with a lane or, over the bus, a decider behind it, and an account that is ready to call. */
class Bench extends DeciderWorld {
  readonly timers = new FakeTimers();
  override readonly store = new HeldStore(this.log, this.clock);
  readonly hasher = new SecretHasher(specKeyRing(2));
  readonly registry = new KeyRegistry(this.hasher, () => this.store.head());
  readonly identity = new RequestIdentity(new Uint8Array(32));
  readonly progress = new StalledProgress();
  #app: NestFastifyApplication | undefined;
  #url = '';
  #keys = { sandbox: '', operator: '' };
  #accountId: AccountId | undefined;

  get accountId(): AccountId {
    invariant(this.#accountId !== undefined, 'the bench was started');
    return this.#accountId;
  }

  /** Opens the log without a price list: the bootstrap publishes one. */
  protected override openLog(): Promise<OpenedLog> {
    const { store, clock, ids } = this;
    return openOrCreateLog(store, { clock, ids, owner: 'spec' });
  }

  async remote(): Promise<RemoteDispatcher> {
    const { clock, timers } = this;
    const dispatcher = await RemoteDispatcher.start({
      bus: this.bus(),
      topics,
      laneCount,
      clusterMac,
      clock,
      timers,
      instance: 'gateway',
      onRetryableError: () => undefined,
    });
    this.atEnd(() => dispatcher.stop());
    return dispatcher;
  }

  async open(dispatcher: CommandDispatcher): Promise<void> {
    const { clock, ids, store, vault, hasher } = this;
    const log = await this.openLog();
    const booted = await bootstrap({ log, store, dispatcher, vault, hasher, ids, clock });
    invariant(booted.kind === 'ready' && booted.secrets !== null, 'the log is ours and new');
    this.#accountId = booted.accountId;
    this.#keys = { sandbox: booted.secrets.sandboxSecret, operator: booted.secrets.operatorSecret };
    await this.catchUp();
    this.#app = await createHttpServer({
      module: HttpModule.withApi(this.#ports(dispatcher, log.logId)),
      trustedProxies: [],
      metrics: { rejected: () => undefined, answered: () => undefined },
      onFault: () => undefined,
      logger: { log: () => undefined, warn: () => undefined, error: () => undefined },
    });
    await this.#app.listen(0, '127.0.0.1');
    this.#url = await this.#app.getUrl();
    this.atEnd(() => this.#app?.close() ?? Promise.resolve());
  }

  #ports(dispatcher: CommandDispatcher, logId: LogId) {
    const { clock, timers, ids, store, vault, hasher, identity, registry } = this;
    const keys = new KeyFinder(registry, store);
    const unauthorized = new RejectedRequestCounter({
      dispatcher,
      ids,
      clock,
      timers,
      workerId: 'spec',
      onUnreported: () => undefined,
    });
    return [
      { provide: CLOCK, useValue: clock },
      { provide: ID_SOURCE, useValue: ids },
      { provide: EVENT_STORE, useValue: store },
      { provide: SUBJECT_VAULT, useValue: vault },
      { provide: LOG_NAME, useValue: { logId } },
      { provide: COMMAND_TOPICS, useValue: {} },
      { provide: COMMAND_DISPATCHER, useValue: dispatcher },
      {
        provide: REQUEST_BUILDERS,
        useValue: requestBuilders({
          vault,
          ids,
          hasher,
          identity,
          keys,
          calendar: exampleCalendar,
          zones: agreedZones,
        }),
      },
      { provide: EDGE_METRICS, useValue: { rejected: () => undefined, answered: () => undefined } },
      { provide: HEALTH, useValue: { parts: () => Promise.resolve({}) } },
      { provide: METRICS_TEXT, useValue: {} },
      { provide: CommittedEvents, useValue: { listen: () => undefined } },
      { provide: KeyRegistry, useValue: registry },
      { provide: RejectedRequestCounter, useValue: unauthorized },
      { provide: KeyFinder, useValue: keys },
      { provide: RequestIdentity, useValue: identity },
      { provide: PlatformView, useValue: {} },
      { provide: ProjectionProgress, useValue: this.progress },
      // No read is answered here.
      { provide: READ_DATABASE, useValue: {} },
      { provide: CALENDAR, useValue: {} },
    ];
  }

  async catchUp(): Promise<void> {
    const recorded = await this.store.readAll(this.registry.nextPosition, 1_000);
    this.registry.apply(recorded.map(decodeRecorded), this.clock.now());
    this.registry.apply([], this.clock.now());
  }

  async ask(method: string, path: string, body?: object, more: { as?: 'operator'; key?: string } = {}) {
    const headers = {
      'x-api-key': more.as === 'operator' ? this.#keys.operator : this.#keys.sandbox,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(more.key === undefined ? {} : { 'idempotency-key': more.key }),
    };
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await fetch(this.#url + path, { method, headers, ...sent });
    const json = (await answer.json()) as Readonly<Record<string, unknown>>;
    return { status: answer.status, headers: answer.headers, json };
  }

  /** Asks, lets the time for a reply run out once the command is on its way, and gives what is answered. */
  async askExpired(gateway: RemoteDispatcher, ...request: Parameters<Bench['ask']>) {
    const asking = this.ask(...request);
    while (gateway.waiting === 0) await new Promise((resolve) => setImmediate(resolve));
    await this.timers.advance(commandDeadlineMs + replyGraceMs);
    return asking;
  }

  async placed(): Promise<readonly string[]> {
    return (await this.events()).flatMap((event) => (event.type === 'CallPlaced' ? [event.callId] : []));
  }

  async events(): Promise<readonly DomainEvent[]> {
    const events: DomainEvent[] = [];
    for (const head = await this.store.head(); events.length < head;) {
      const page = await this.store.readAll(position(events.length), 1_000);
      events.push(...page.map((event) => decodeRecorded(event).data));
    }
    return events;
  }
}

const benches: Bench[] = [];
function bench(): Bench {
  const made = new Bench();
  benches.push(made);
  return made;
}
afterEach(async () => {
  for (const made of benches.splice(0)) {
    await made.end();
    expect(made.reports.filter((report) => report !== 'lanes lost')).toEqual([]);
  }
});

describe('a command whose reply does not come in time', () => {
  async function withoutDecider() {
    const b = bench();
    const { stop } = await b.decider();
    const gateway = await b.remote();
    await b.open(gateway);
    await stop();
    return { b, gateway };
  }

  it.each([
    ['before its deadline', 0],
    ['too late for it', commandDeadlineMs + 1],
  ])('is answered 504 with a key that leads to it, and dialled once though it is taken %s', async (_when, lateMs) => {
    const { b, gateway } = await withoutDecider();
    const unanswered = await b.askExpired(gateway, 'POST', initiate, call);
    expect(unanswered).toMatchObject({
      status: 504,
      json: { success: false, code: 'reply_timeout', type: 'server_error', idempotency_key: expect.any(String) },
    });
    const key = String(unanswered.json['idempotency_key']);
    expect(unanswered.headers.get('idempotency-key')).toBe(key);
    expect(unanswered.headers.get('retry-after')).toBe('1');
    expect(unanswered.json['message']).not.toContain('idem_');
    expect(await b.placed()).toEqual([]);

    b.clock.advance(lateMs);
    await b.decider();
    await b.catchUp();
    const again = await b.ask('POST', initiate, call, { key });
    const once = await b.ask('POST', initiate, call, { key });
    expect([again.status, once.status]).toEqual([202, 202]);
    expect(await b.placed()).toEqual([again.json['id']]);
    expect(once.json).toEqual(again.json);
    // In time, what was asked first was carried out, and the retry gave its outcome.
    expect(again.headers.get('idempotent-replayed')).toBe(lateMs === 0 ? 'true' : null);
  });

  it('leads to no other fields than its own', async () => {
    const { b, gateway } = await withoutDecider();
    const { json } = await b.askExpired(gateway, 'POST', initiate, call);
    await b.decider();
    const key = String(json['idempotency_key']);
    const other = await b.ask('POST', initiate, { ...call, to_number: '+15005550001' }, { key });
    expect(other).toMatchObject({ status: 409, json: { code: 'idempotency_key_reused' } });
    expect(await b.placed()).toHaveLength(1);
  });

  it('gives a client back the key that it has chosen', async () => {
    const { b, gateway } = await withoutDecider();
    const { status, json } = await b.askExpired(gateway, 'POST', initiate, call, { key: 'order 17' });
    expect([status, json['idempotency_key']]).toEqual([504, 'order 17']);
  });

  it('opens one account, however often the key is sent', async () => {
    const { b, gateway } = await withoutDecider();
    const body = { name: 'Example Inc', currency: 'USD' };
    const { status, json } = await b.askExpired(gateway, 'POST', '/api/v1/accounts', body, { as: 'operator' });
    expect([status, json['status'], json['code']]).toEqual([504, 504, 'reply_timeout']);
    const key = String(json['idempotency_key']);
    await b.decider();
    const opened = await b.ask('POST', '/api/v1/accounts', body, { as: 'operator', key });
    expect([opened.status, opened.headers.get('idempotent-replayed')]).toEqual([201, 'true']);
    const accounts = (await b.events()).flatMap((event) => (event.type === 'AccountOpened' ? [event.accountId] : []));
    expect(accounts).toEqual([b.accountId, opened.json['id']]);
  });
});

describe('503 says when to try again', () => {
  async function withLane() {
    const b = bench();
    const { executor } = await b.executor({ lanes: 'all' });
    b.atEnd(() => executor.stop());
    await b.open(executor);
    return { b, executor };
  }

  it('when too much of the account waits already, and with what key', async () => {
    const { b, executor } = await withLane();
    let release: () => void = () => undefined;
    b.store.held = new Promise<void>((resolve) => (release = resolve));
    const stream = b.accountId;
    const credit = () =>
      executor.dispatch({
        commandId: b.ids.commandId(),
        idChosenByClient: false,
        fingerprint: new Uint8Array(0),
        stream,
        principal: { kind: 'operator', name: 'spec' },
        payload: { type: 'AddCredit', accountId: stream, mode: 'test', amountMicros: micros(1n), reference: null },
        result: {},
        deadlineMs: epochMs(b.clock.now() + 60_000),
        traceparent: null,
      });
    const flood: Promise<unknown>[] = [];
    // Until the lane has taken what it takes while nothing is committed, and no more finds room behind it.
    for (let idleTurns = 0; idleTurns < 10; idleTurns += 1) {
      if (executor.waiting < waitingPerStreamMax) idleTurns = 0;
      while (executor.waiting < waitingPerStreamMax) flood.push(credit());
      await new Promise((resolve) => setImmediate(resolve));
    }
    const settled = Promise.allSettled(flood);
    const { status, headers, json } = await b.ask('POST', initiate, call);
    expect([status, json['code'], headers.get('retry-after')]).toEqual([503, 'overloaded', '1']);
    release();
    await settled;
    const later = await b.ask('POST', initiate, call, { key: String(json['idempotency_key']) });
    expect([later.status, await b.placed()]).toEqual([202, [later.json['id']]]);
  });

  it('when the registry has not read the log for too long: no key is accepted, and nothing was sent', async () => {
    const { b } = await withLane();
    expect((await b.ask('POST', initiate, call)).status).toBe(202);
    b.clock.advance(registryStaleAfterMs + 1);
    const { status, headers, json } = await b.ask('POST', initiate, call);
    expect([status, json['code'], headers.get('retry-after')]).toEqual([503, 'registry_stale', '1']);
    expect(json).not.toHaveProperty('idempotency_key');
    await b.catchUp();
    expect((await b.ask('POST', initiate, call)).status).toBe(202);
  });

  it('when a read model does not come to `min_position` within its time', async () => {
    const { b } = await withLane();
    const { logId } = await openOrCreateLog(b.store, { clock: b.clock, ids: b.ids, owner: 'spec' });
    const token = positionTokenOf(logId, position(1_000_000));
    const { status, headers, json } = await b.ask('GET', `/api/v1/voice/calls?min_position=${token}`);
    expect([status, json['code'], headers.get('retry-after')]).toEqual([503, 'read_model_behind', '1']);
    expect(b.progress.waitedMs).toEqual([minPositionWaitMsMax]);
    expect(json).not.toHaveProperty('idempotency_key');
  });
});
