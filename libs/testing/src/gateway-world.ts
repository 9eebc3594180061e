import { KeyRegistry } from '@ringfence/auth/key-registry';
import { RejectedRequestCounter } from '@ringfence/auth/rejected-request-counter';
import { SecretHasher } from '@ringfence/auth/secret-hasher';
import { bootstrap, type FirstSecrets } from '@ringfence/bootstrap/bootstrap';
import type {
  CommandDispatcher,
  CommandOutcome,
  CommandPayload,
  SubmittedCommand,
} from '@ringfence/commands/command-dispatcher';
import { RequestIdentity } from '@ringfence/commands/request-identity';
import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import { EventFeed } from '@ringfence/event-feed/event-feed';
import { MemoryEventStore, MemoryLog } from '@ringfence/event-store-memory/memory-event-store';
import type { AccountId } from '@ringfence/kernel/ids';
import { invariant } from '@ringfence/kernel/invariant';
import { epochMs, type Position, position } from '@ringfence/kernel/units';
import { LaneExecutor } from '@ringfence/lanes/lane-executor';
import { openOrCreateLog, type OpenedLog } from '@ringfence/lanes/open-log';
import { PlatformView } from '@ringfence/lanes/platform-view';
import type { SqlTransaction } from '@ringfence/ports/sql/sql-database';
import { ProjectionProgress } from '@ringfence/projections/projection-progress';
import { type RequestBuilders, requestBuilders } from '@ringfence/requests/request-builders';
import { KeyFinder } from '@ringfence/requests/key-finder';
import { KeyRing } from '@ringfence/runtime/key-ring';
import { systemTimers } from '@ringfence/runtime/system-timers';
import { InMemorySubjectVault } from '@ringfence/vault-memory/memory-subject-vault';
import { exampleCalendar, exampleRoutes } from './examples.js';
import { FakeClock } from './fake-clock.js';
import { PredictableIds } from './predictable-ids.js';

const owner = 'spec';

type BeforeDispatch = (command: SubmittedCommand) => Promise<CommandOutcome | undefined>;

/** A zone for which the world's database and the platform's zone data disagree. */
export const disputedZone = 'America/Nuuk';

/** Read models that never lag behind the log. */
class AlwaysCurrent extends ProjectionProgress {
  override hasReached(): boolean {
    return true;
  }

  override reachedBy(): Position {
    return position(Number.MAX_SAFE_INTEGER);
  }
}

/** Commands that a worker gives; operators give the others. */
const workerCommands: ReadonlySet<string> = new Set(['RecordCallProgress', 'RecordFlowReply', 'ReceiveNumber']);

/**
 * The parts behind the HTTP edge of a gateway, in memory: a log with prices in force, an executor of all lanes, a key
 * registry, a vault; and the results of a first start: an operator's key, and a verified account with credit and a
 * sandbox key.
 */
export class GatewayWorld {
  readonly registry: KeyRegistry;
  readonly keys: KeyFinder;
  readonly requests: RequestBuilders;
  readonly feed: EventFeed;
  readonly progress: ProjectionProgress;
  readonly platform: PlatformView;
  readonly rejections: RejectedRequestCounter;
  /** Dispatcher that behaves like the lanes', after running the argument of `beforeNext`. */
  readonly dispatcher: CommandDispatcher;
  /** Answer of the database to a statement; empty unless a spec sets it. */
  rowsOf: (sql: string, params: readonly unknown[]) => readonly object[] = () => [];
  readonly database: SqlTransaction = {
    query: <Row>(sql: string, params: readonly unknown[] = []) =>
      Promise.resolve(this.rowsOf(sql, params) as readonly Row[]),
  };
  #beforeDispatch: BeforeDispatch | undefined;
  readonly #following = new AbortController();

  private constructor(
    readonly clock: FakeClock,
    readonly ids: PredictableIds,
    readonly store: MemoryEventStore,
    readonly vault: InMemorySubjectVault,
    readonly hasher: SecretHasher,
    readonly identity: RequestIdentity,
    readonly log: OpenedLog,
    readonly secrets: FirstSecrets,
    private readonly executor: LaneExecutor,
  ) {
    this.registry = new KeyRegistry(hasher, () => store.head());
    this.keys = new KeyFinder(this.registry, store);
    const zones = { agrees: (zone: string) => Promise.resolve(zone !== disputedZone) };
    this.requests = requestBuilders({
      vault,
      ids,
      hasher,
      identity,
      keys: this.keys,
      calendar: exampleCalendar,
      zones,
    });
    this.progress = new AlwaysCurrent(this.database);
    this.platform = new PlatformView(store, { broken: throwUnexpected, outdated: throwUnexpected });
    this.dispatcher = {
      dispatch: async (command) => {
        const act = this.#beforeDispatch;
        this.#beforeDispatch = undefined;
        return (await act?.(command)) ?? executor.dispatch(command);
      },
    };
    const reporter = { dispatcher: executor, ids, clock, timers: systemTimers, workerId: owner };
    this.rejections = new RejectedRequestCounter({ ...reporter, onUnreported: () => undefined });
    this.feed = new EventFeed(store, clock, throwUnexpected);
    void this.feed.run(this.#following.signal);
  }

  static async start(): Promise<GatewayWorld> {
    const clock = new FakeClock();
    const ids = new PredictableIds();
    const store = new MemoryEventStore(new MemoryLog(), clock);
    const vault = new InMemorySubjectVault(ids);
    const hasher = new SecretHasher(KeyRing.parse(`one:${Buffer.alloc(32, 2).toString('base64')}`, owner));
    const log = await openOrCreateLog(store, { clock, ids, owner });
    const host = {
      lanesLost: throwUnexpected,
      parked: throwUnexpected,
      quarantined: throwUnexpected,
      outdated: throwUnexpected,
      broken: throwUnexpected,
    };
    const executor = await LaneExecutor.start({
      ...{ store, clock, ids, host, log, owner },
      ...{ routes: exampleRoutes, timers: systemTimers, lanes: 'all' },
    });
    const begun = await bootstrap({ log, store, dispatcher: executor, vault, hasher, ids, clock });
    invariant(begun.kind === 'ready' && begun.secrets !== null, 'the log is new');
    const identity = new RequestIdentity(new Uint8Array(32));
    const world = new GatewayWorld(clock, ids, store, vault, hasher, identity, log, begun.secrets, executor);
    await world.catchUp();
    return world;
  }

  /**
   * Runs an action between the next request and the decision of its command, or decides the command instead, like a
   * decider elsewhere.
   */
  beforeNext(act: BeforeDispatch): void {
    this.#beforeDispatch = act;
  }

  /** Brings the registry up to date with the log. */
  async catchUp(): Promise<void> {
    for (;;) {
      const recorded = await this.store.readAll(this.registry.nextPosition, 1_000);
      this.registry.apply(recorded.map(decodeRecorded), this.clock.now());
      if (recorded.length === 0) return;
    }
  }

  /** Decides a command of a media worker or an operator. */
  async dispatch(payload: CommandPayload & { readonly accountId: AccountId }): Promise<void> {
    const isWorkers = workerCommands.has(payload.type);
    const outcome = await this.executor.dispatch({
      commandId: this.ids.commandId(),
      idChosenByClient: false,
      fingerprint: new Uint8Array(0),
      stream: payload.accountId,
      principal: isWorkers ? { kind: 'worker', workerId: owner } : { kind: 'operator', name: owner },
      payload,
      result: {},
      deadlineMs: epochMs(this.clock.now() + 5_000),
      traceparent: null,
    });
    invariant(outcome.accepted, `${payload.type} is accepted`);
  }

  async stop(): Promise<void> {
    this.#following.abort();
    await this.rejections.stop();
    await this.executor.stop();
  }
}

function throwUnexpected(...what: readonly unknown[]): never {
  throw new Error('the world of a spec is broken', { cause: what });
}
