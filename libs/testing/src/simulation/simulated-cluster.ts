import { KeyRing } from '@ringfence/runtime/key-ring';
import { SecretHasher } from '@ringfence/auth/secret-hasher';
import { ClusterMac } from '@ringfence/command-transport/command-topic/cluster-mac';
import { SaltSource } from '@ringfence/lanes/salt-source';
import { InMemoryRelayLeases } from '@ringfence/relay-leases-memory/memory-relay-leases';
import type { OpenedLog } from '@ringfence/lanes/open-log';
import { MemoryEventStore, MemoryLog } from '@ringfence/event-store-memory/memory-event-store';
import type { Epoch } from '@ringfence/kernel/lane';
import { readWatermarks } from '@ringfence/wire/feed/watermarks';
import type { BusMessage } from '@ringfence/ports/message-bus/message';
import { topicSpecs } from '@ringfence/wire/topics';
import { PredictableIds } from '../predictable-ids.js';
import { Recording } from '../checkers/recording.js';
import { SimulatedBroker } from './simulated-broker.js';
import { SimulatedBus } from './simulated-bus.js';
import { type ProcessParts, describeCause } from './process-parts.js';
import { startSimulatedDecider } from './simulated-decider.js';
import { AppendCounter, SimulatedEventStore } from './simulated-event-store.js';
import { writeFirstEvents } from './first-events.js';
import { SimulatedGateway } from './simulated-gateway.js';
import { SimulatedRelayLeases } from './simulated-relay-leases.js';
import { SimulatedProcess, type World } from './simulated-process.js';
import { simulatedLanes, simulatedTopics } from './simulated-topics.js';

const skewMsMax = 200;
const startAgainMs = 500;
const failMsMin = 2_000;
const failMsMax = 8_000;
const leaseTakenMax = 3;
/** Share, in thousandths, of gateways that follow the topic. */
const followsTopic = 750;
/** Number of ids reserved for one start of a process. */
const idsOfOneStart = 100_000;

const ring = KeyRing.parse(`one:${Buffer.alloc(32, 1).toString('base64')}`, 'simulation');
export const simulatedClusterMac = new ClusterMac(ring);
/** Hasher of secrets, shared because making one takes long. */
export const simulatedHasher = new SecretHasher(ring);

/** A place for a process, which may be stopped or killed there and started again. */
type Slot = {
  readonly name: string;
  readonly kind: 'decider' | 'gateway';
  /** Source that keeps its registry fresh. */
  readonly follows: 'topic' | 'log';
  /** Offset of its machine's clock while that is wrong. */
  clockOffMs: number;
  process: SimulatedProcess | null;
  gateway: SimulatedGateway | null;
  stop: (() => Promise<void>) | null;
};

/** Deciders and gateways with one store and one broker. */
export class SimulatedCluster {
  readonly log = new MemoryLog();
  readonly recording: Recording;
  readonly broker: SimulatedBroker;
  readonly slots: readonly Slot[];
  readonly #storesMachine: SimulatedProcess;
  readonly #store: MemoryEventStore;
  readonly #leases: InMemoryRelayLeases;
  readonly #appends = new AppendCounter();
  #opened: OpenedLog | undefined;
  #starts = 0;

  constructor(
    private readonly world: World,
    deciders: number,
    gateways: number,
  ) {
    this.recording = new Recording(() => world.scheduler.nowMs);
    this.broker = new SimulatedBroker(world, simulatedLanes);
    this.#storesMachine = new SimulatedProcess('store', world, 0);
    this.#store = new MemoryEventStore(this.log, this.#storesMachine.wall);
    this.#leases = new InMemoryRelayLeases(this.#storesMachine.wall);
    for (const spec of topicSpecs(simulatedTopics, simulatedLanes, 1)) this.broker.topics.ensure(spec);
    const slots = (kind: Slot['kind'], count: number) =>
      Array.from({ length: count }, (_, at): Slot => ({
        name: `${kind}${String(at)}`,
        kind,
        follows: world.random.chance(followsTopic) ? 'topic' : 'log',
        clockOffMs: 0,
        process: null,
        gateway: null,
        stop: null,
      }));
    this.slots = [...slots('decider', deciders), ...slots('gateway', gateways)];
  }

  async open(): Promise<void> {
    this.#opened = await writeFirstEvents(this.#store, new PredictableIds(), this.#salts(), simulatedLanes);
    for (const slot of this.slots) this.start(slot);
  }

  messagesIn(topic: keyof typeof simulatedTopics): readonly BusMessage[] {
    return this.broker.all(simulatedTopics[topic]);
  }

  start(slot: Slot): void {
    if (slot.process !== null) return;
    this.#starts += 1;
    const { random } = this.world;
    const name = `${slot.name}-${String(this.#starts)}`;
    const offMs = slot.clockOffMs + random.between(-skewMsMax, skewMsMax);
    const process = new SimulatedProcess(name, this.world, offMs, ({ kind }) => {
      this.recording.note({ kind: 'fault', what: `clock ${kind}`, of: name });
    });
    slot.process = process;
    this.recording.note({ kind: 'fault', what: 'started', of: process.name });
    const parts = this.#partsOf(process);
    const started =
      slot.kind === 'decider'
        ? startSimulatedDecider(parts).then((stop) => {
            slot.stop = stop;
          })
        : SimulatedGateway.start(parts, simulatedHasher, slot.follows).then((gateway) => {
            slot.gateway = gateway;
          });
    started.catch((failure: unknown) => {
      this.recording.note({ kind: 'error', process: process.name, what: describeCause(failure) });
      this.kill(slot);
      this.#startLater(slot);
    });
  }

  kill(slot: Slot): void {
    if (slot.process === null) return;
    this.recording.note({ kind: 'fault', what: 'killed', of: slot.process.name });
    slot.process.kill();
    slot.process = null;
    slot.gateway = null;
    slot.stop = null;
  }

  /** Stops a process: it gives up its lanes and ends by itself. */
  stop(slot: Slot): void {
    const { process, stop } = slot;
    if (process === null || stop === null) return;
    slot.stop = null;
    process.reach(0, () => {
      this.recording.note({ kind: 'fault', what: 'stopped', of: process.name });
      const gone = () => {
        if (slot.process !== process) return;
        this.kill(slot);
        this.#startLater(slot);
      };
      stop().then(gone, (failure: unknown) => {
        this.recording.note({ kind: 'broken', process: process.name, what: `stopping: ${describeCause(failure)}` });
        gone();
      });
    });
  }

  pause(slot: Slot, forMs: number): void {
    const { process } = slot;
    if (process?.status() !== 'running') return;
    this.recording.note({ kind: 'fault', what: 'paused', of: process.name });
    process.pause();
    this.world.scheduler.plan(forMs, null, () => {
      if (process.status() !== 'held') return;
      this.recording.note({ kind: 'fault', what: 'goes on', of: process.name });
      process.resume();
    });
  }

  /** Sets the clocks of these machines, and sets them right after a while. For all machines: the store's too. */
  setClocks(slots: readonly Slot[], byMs: number, forMs: number): void {
    const everywhere = slots.length === this.slots.length;
    const of = everywhere ? 'everything' : slots.map(({ name }) => name).join(' ');
    const set = (ms: number) => {
      if (everywhere) this.#storesMachine.setClock(ms);
      for (const slot of slots) {
        slot.clockOffMs += ms;
        slot.process?.setClock(ms);
      }
    };
    this.recording.note({ kind: 'fault', what: byMs > 0 ? 'clock set forward' : 'clock set back', of });
    set(byMs);
    this.world.scheduler.plan(forMs, null, () => {
      this.recording.note({ kind: 'fault', what: 'clock set right', of });
      set(-byMs);
    });
  }

  /** Says whether no clock is off, and no process is waiting because of one that was set. */
  clocksAreRight(): boolean {
    return this.slots.every(({ clockOffMs, process }) => clockOffMs === 0 && process?.clock.stepMs == null);
  }

  /**
   * Makes the topic of events fail for a while. Meanwhile its relay loses the lease although it is alive, as if its
   * requests took long: what it has in flight arrives while another relay leads, which fails too.
   */
  failRelays(): void {
    const { random, scheduler } = this.world;
    const forMs = random.between(failMsMin, failMsMax);
    this.broker.failEvents(forMs);
    for (let times = random.between(1, leaseTakenMax); times > 0; times -= 1)
      scheduler.plan(random.below(forMs), null, () => void this.#takeRelayLease());
  }

  async #takeRelayLease(): Promise<void> {
    const relay = simulatedTopics.events;
    const lease = await this.#leases.take({ relay, owner: 'database', silentMs: 0, above: 0 as Epoch });
    if (lease === null) return;
    this.recording.note({ kind: 'leased', process: 'database', epoch: lease.epoch });
    await lease.release();
  }

  /** Says whether a watermark covers the whole log, and every gateway has seen it. */
  isLevel(): boolean {
    const head = this.log.events.length;
    const { topics } = this.broker;
    const [{ next } = { next: 0n }] = topics.ranges(simulatedTopics.watermarks);
    const [last] = next === 0n ? [] : topics.page(simulatedTopics.watermarks, 0, next - 1n, 1);
    return (
      last !== undefined &&
      readWatermarks(last).head === head &&
      this.slots.every(({ kind, gateway }) => kind !== 'gateway' || gateway?.seen === head)
    );
  }

  #startLater(slot: Slot): void {
    this.world.scheduler.plan(startAgainMs, null, () => {
      this.start(slot);
    });
  }

  #partsOf(process: SimulatedProcess): ProcessParts {
    const { recording } = this;
    if (this.#opened === undefined) throw new RangeError('the cluster is opened first');
    return {
      process,
      store: new SimulatedEventStore(this.#store, process, recording, this.#appends),
      bus: new SimulatedBus(this.broker, process, recording),
      ids: new PredictableIds(this.#starts * idsOfOneStart),
      salts: this.#salts(),
      log: this.#opened,
      topics: simulatedTopics,
      clusterMac: simulatedClusterMac,
      recording,
      leases: new SimulatedRelayLeases(this.#leases, process, recording),
    };
  }

  #salts(): SaltSource {
    const { random } = this.world;
    return new SaltSource((bytes) => bytes.fill(random.below(256)));
  }
}
