import type { RelayLease, RelayLeases } from '@ringfence/ports/leases/relay-leases';
import type { EventStore } from '@ringfence/ports/log/event-store';
import { Failure } from '@ringfence/kernel/failure';
import { busFailures } from '@ringfence/ports/message-bus/failures';
import type { MessageBus } from '@ringfence/ports/message-bus/message-bus';

/** A fault of a process at one call of a port. A lost answer is an unknown outcome. */
export type PortFault = 'crash before' | 'crash after' | 'stop' | 'answer lost' | 'done twice';

type FaultyStore = Pick<EventStore, 'head' | 'readAll' | 'subscribe'>;
type FaultyBus = Pick<MessageBus, 'publish' | 'ranges' | 'follow'>;

/**
 * A process seen from its ports: at any call it may die, or be stopped until it is resumed. A dead process has no
 * further effect; what a stopped one had begun happens when it resumes.
 */
export class FaultyProcess {
  #calls = 0;
  #dead = false;
  #stopped: Promise<void> | undefined;
  #resume: () => void = () => undefined;

  /** @param plan the fault at a call, by the call's number, from 1, and its name */
  constructor(private readonly plan: (call: number, name: string) => PortFault | undefined) {}

  /** Resumes the process where it was stopped. */
  resume(): void {
    this.#stopped = undefined;
    this.#resume();
  }

  store(store: FaultyStore): FaultyStore {
    return {
      head: () => this.#call('head', () => store.head()),
      readAll: (from, limit) => this.#call('readAll', () => store.readAll(from, limit)),
      subscribe: (from, signal) => this.#stream(store.subscribe(from, signal)),
    };
  }

  bus(bus: FaultyBus): FaultyBus {
    return {
      ranges: (topic) => this.#call('ranges', () => bus.ranges(topic)),
      follow: (following) => this.#call('follow', () => bus.follow(following)),
      publish: (messages) =>
        this.#call(
          'publish',
          () => bus.publish(messages),
          // Each partition has its own leader: some received their messages, others did not.
          () => bus.publish(messages.filter(({ partition = 0 }) => partition % 2 === 0)),
        ),
    };
  }

  leases(leases: RelayLeases): RelayLeases {
    return {
      take: async (taking) => {
        const lease = await this.#call('take', () => leases.take(taking));
        return lease === null ? null : this.#lease(lease);
      },
    };
  }

  #lease(lease: RelayLease): RelayLease {
    return {
      epoch: lease.epoch,
      renew: () => this.#call('renew', () => lease.renew()),
      check: () => this.#call('check', () => lease.check()),
      release: () => this.#call('release', () => lease.release()),
    };
  }

  async *#stream<Item>(items: AsyncIterable<Item>): AsyncIterable<Item> {
    for await (const item of items) yield await this.#call('next', () => Promise.resolve(item));
  }

  async #call<Answer>(name: string, work: () => Promise<Answer>, half: () => Promise<unknown> = work): Promise<Answer> {
    await this.#stopped;
    this.#calls += 1;
    const fault = this.#stopped === undefined ? this.plan(this.#calls, name) : undefined;
    if (this.#dead || fault === 'crash before') return this.#die();
    if (fault === 'stop') {
      this.#stopped = new Promise((resolve) => {
        this.#resume = resolve;
      });
      await this.#stopped;
    }
    if (fault === 'answer lost') {
      await half();
      throw busFailures.bus_unavailable(new Error('the answer was lost'));
    }
    if (fault === 'done twice') await work();
    const answer = await work();
    if (fault === 'crash after') return this.#die();
    return answer;
  }

  #die(): never {
    this.#dead = true;
    throw new Failure('process_died', 'this process is no more', false);
  }
}
