import type { BusMessage, UncommittedItem } from './message.js';
import type { HandOver, Joining, Membership, MessageBus, ReadFrom } from './message-bus.js';

type ReaderOptions = {
  readonly topic: string;
  readonly group?: string;
  readonly starts?: ReadonlyMap<number, ReadFrom>;
  readonly before?: (partition: number) => void | Promise<void>;
  readonly handOver?: HandOver;
};

/** Reads into a list, and settles when the list is as long as was asked for. */
export class Reader {
  readonly owned = new Set<number>();
  readonly errors: unknown[] = [];
  readonly #read: BusMessage[] = [];
  readonly #watchers = new Set<() => void>();
  #membership: Membership | undefined;

  static async join(bus: MessageBus, { topic, group, starts, before, handOver }: ReaderOptions): Promise<Reader> {
    const reader = new Reader();
    const joining: Joining = {
      topic,
      group: `${topic}.${group ?? 'readers'}`,
      onAssigned: (partitions) => {
        reader.#apply(() => {
          for (const partition of partitions) reader.owned.add(partition);
        });
        return Promise.resolve(starts ?? new Map<number, ReadFrom>());
      },
      onMessages: async (partition, batch) => {
        await before?.(partition);
        reader.#apply(() => reader.#read.push(...batch));
      },
      onRevoked: (partitions) => {
        reader.#apply(() => {
          for (const partition of partitions) reader.owned.delete(partition);
        });
        return Promise.resolve();
      },
      ...(handOver === undefined ? {} : { handOver: () => handOver }),
      onRetryableError: (cause) => {
        reader.errors.push(cause);
      },
    };
    reader.#membership = await bus.join(joining);
    // Reading after the newest begins when the partitions are ours: what is published sooner is not seen.
    await reader.owns((owned) => owned.size > 0);
    return reader;
  }

  static async follow(bus: MessageBus, topic: string, from: ReadonlyMap<number, ReadFrom>): Promise<Reader> {
    const reader = new Reader();
    reader.#membership = await bus.follow({
      topic,
      from,
      onMessages: (_partition, batch) => {
        reader.#apply(() => reader.#read.push(...batch));
        return Promise.resolve();
      },
      onRetryableError: (cause) => {
        reader.#apply(() => reader.errors.push(cause));
      },
    });
    return reader;
  }

  async onRetryableError(by: (cause: unknown) => boolean): Promise<void> {
    await this.#when(() => this.errors.some(by));
  }

  async until(count: number): Promise<readonly BusMessage[]> {
    await this.#when(() => this.#read.length >= count);
    return [...this.#read];
  }

  async owns(enough: (owned: ReadonlySet<number>) => boolean): Promise<void> {
    await this.#when(() => enough(this.owned));
  }

  async leave(handOver?: HandOver): Promise<void> {
    await this.#membership?.leave(handOver);
  }

  #apply(change: () => void): void {
    change();
    for (const watcher of this.#watchers) watcher();
  }

  #when(reached: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!reached()) return;
        this.#watchers.delete(look);
        resolve();
      };
      this.#watchers.add(look);
      look();
    });
  }
}

/** Reads everything in one partition into a list. */
export class ItemReader {
  readonly #items: UncommittedItem[] = [];
  #look: () => void = () => undefined;

  static async join(bus: MessageBus, topic: string): Promise<ItemReader> {
    const reader = new ItemReader();
    await bus.joinUncommitted({
      ...reader.#reading(topic),
      group: `${topic}.items`,
      onAssigned: () => Promise.resolve(new Map()),
      onRevoked: () => Promise.resolve(),
    });
    return reader;
  }

  static async follow(bus: MessageBus, topic: string): Promise<ItemReader> {
    const reader = new ItemReader();
    await bus.followDecodable({ ...reader.#reading(topic), from: new Map([[0, 'first']]) });
    return reader;
  }

  until(enough: (items: readonly UncommittedItem[]) => boolean): Promise<readonly UncommittedItem[]> {
    return new Promise((resolve) => {
      this.#look = () => {
        if (enough(this.#items)) resolve([...this.#items]);
      };
      this.#look();
    });
  }

  #reading(topic: string) {
    return {
      topic,
      onMessages: (_partition: number, batch: readonly UncommittedItem[]) => {
        this.#items.push(...batch);
        this.#look();
        return Promise.resolve();
      },
      onRetryableError: () => undefined,
    };
  }
}
