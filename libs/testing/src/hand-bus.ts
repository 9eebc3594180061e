import { Failure } from '@ringfence/kernel/failure';
import type { OutgoingMessage, UncommittedItem } from '@ringfence/ports/message-bus/message';
import type { Joining, MessageBus } from '@ringfence/ports/message-bus/message-bus';

/** A bus whose group is controlled by the test; publishing can fail. */
export class HandBus implements Pick<MessageBus, 'joinUncommitted' | 'publish' | 'uncommittedRanges'> {
  joined: Joining<UncommittedItem> | undefined;
  refuses = false;
  /** Number of messages written so far, per partition. */
  written = 1_000_000n;
  readonly published: OutgoingMessage[] = [];

  constructor(private readonly partitions: number) {}

  /** The bus, for code that needs only these parts of it. */
  get asBus(): MessageBus {
    return this as unknown as MessageBus;
  }

  joinUncommitted(joining: Joining<UncommittedItem>) {
    this.joined = joining;
    return Promise.resolve({ leave: () => Promise.resolve() });
  }

  uncommittedRanges() {
    if (this.refuses) return Promise.reject(new Failure('bus_unavailable', 'away', true));
    return Promise.resolve(Array.from({ length: this.partitions }, () => ({ first: 0n, next: this.written })));
  }

  publish(messages: readonly OutgoingMessage[]): Promise<void> {
    if (this.refuses) return Promise.reject(new Failure('bus_unavailable', 'away', true));
    this.published.push(...messages);
    return Promise.resolve();
  }
}
