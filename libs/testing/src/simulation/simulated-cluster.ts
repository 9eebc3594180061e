import { KeyRing } from '@ringfence/application/auth/key-ring';
import { SecretHasher } from '@ringfence/application/auth/secret-hasher';
import { Voucher } from '@ringfence/application/command-topic/voucher';
import { SaltSource } from '@ringfence/application/lane/salt-source';
import type { OpenedLog } from '@ringfence/application/bootstrap/open-log';
import { MemoryEventStore, MemoryLog } from '@ringfence/event-store-memory/memory-event-store';
import type { BusMessage } from '@ringfence/messaging/message';
import { topicSpecs } from '@ringfence/messaging/topics';
import { PredictableIds } from '../predictable-ids.js';
import { Recording } from '../judging/recording.js';
import { SimulatedBroker } from './simulated-broker.js';
import { SimulatedBus } from './simulated-bus.js';
import { type ProcessParts, reasonOf, startDecider } from './simulated-decider.js';
import { AppendCounter, SimulatedEventStore } from './simulated-event-store.js';
import { writeFirstEvents } from './first-events.js';
import { SimulatedGateway } from './simulated-gateway.js';
import { SimulatedProcess, type World } from './simulated-process.js';
import { simulatedLanes, simulatedTopics } from './simulated-topics.js';

const skewMsMax = 200;
const startAgainMs = 500;
/** Ids that one start of a process may make before the next one's begin. */
const idsOfOneStart = 100_000;

const ring = KeyRing.parse(`one:${Buffer.alloc(32, 1).toString('base64')}`, 'simulation');
export const simulatedVoucher = new Voucher(ring);
/** Making one takes long. */
export const simulatedHasher = new SecretHasher(ring);

/** A place for a process, which may be stopped or killed there and started again. */
type Slot = {
  readonly name: string;
  readonly kind: 'decider' | 'gateway';
  process: SimulatedProcess | null;
  gateway: SimulatedGateway | null;
  stop: (() => Promise<void>) | null;
};

/** Deciders and gateways around one store and one broker. */
export class SimulatedCluster {
  readonly log = new MemoryLog();
  readonly recording: Recording;
  readonly broker: SimulatedBroker;
  readonly slots: readonly Slot[];
  readonly #store: MemoryEventStore;
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
    this.#store = new MemoryEventStore(this.log, new SimulatedProcess('store', world, 0).clock);
    for (const spec of topicSpecs(simulatedTopics, simulatedLanes, 1)) this.broker.topics.ensure(spec);
    const slots = (kind: Slot['kind'], count: number) =>
      Array.from({ length: count }, (_, at): Slot => ({
        name: `${kind}${String(at)}`,
        kind,
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
    const process = new SimulatedProcess(
      `${slot.name}-${String(this.#starts)}`,
      this.world,
      random.between(-skewMsMax, skewMsMax),
    );
    slot.process = process;
    this.recording.note({ kind: 'upheaval', what: 'started', of: process.name });
    const parts = this.#partsOf(process);
    const started =
      slot.kind === 'decider'
        ? startDecider(parts).then((stop) => {
            slot.stop = stop;
          })
        : SimulatedGateway.start(parts, simulatedHasher).then((gateway) => {
            slot.gateway = gateway;
          });
    started.catch((failure: unknown) => {
      this.recording.note({ kind: 'trouble', process: process.name, what: reasonOf(failure) });
      this.kill(slot);
      this.#startLater(slot);
    });
  }

  kill(slot: Slot): void {
    if (slot.process === null) return;
    this.recording.note({ kind: 'upheaval', what: 'killed', of: slot.process.name });
    slot.process.kill();
    slot.process = null;
    slot.gateway = null;
    slot.stop = null;
  }

  /** It lets go of what it has and ends by itself; then it is gone. */
  stop(slot: Slot): void {
    const { process, stop } = slot;
    if (process === null || stop === null) return;
    slot.stop = null;
    process.reach(0, () => {
      this.recording.note({ kind: 'upheaval', what: 'stopped', of: process.name });
      const gone = () => {
        if (slot.process !== process) return;
        this.kill(slot);
        this.#startLater(slot);
      };
      stop().then(gone, (failure: unknown) => {
        this.recording.note({ kind: 'broken', process: process.name, what: `stopping: ${reasonOf(failure)}` });
        gone();
      });
    });
  }

  pause(slot: Slot, forMs: number): void {
    const { process } = slot;
    if (process?.standing() !== 'running') return;
    this.recording.note({ kind: 'upheaval', what: 'paused', of: process.name });
    process.pause();
    this.world.scheduler.plan(forMs, null, () => {
      if (process.standing() !== 'held') return;
      this.recording.note({ kind: 'upheaval', what: 'goes on', of: process.name });
      process.goOn();
    });
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
      voucher: simulatedVoucher,
      recording,
    };
  }

  #salts(): SaltSource {
    const { random } = this.world;
    return new SaltSource((bytes) => bytes.fill(random.below(256)));
  }
}
