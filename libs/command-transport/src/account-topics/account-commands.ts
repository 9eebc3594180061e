import { Failure } from '@ringfence/kernel/failure';
import type { AccountId } from '@ringfence/kernel/ids';
import { position } from '@ringfence/kernel/units';
import { behind, type DecodedItem } from '@ringfence/ports/message-bus/message';
import type { Membership, MessageBus } from '@ringfence/ports/message-bus/message-bus';
import { accountTopicsOf, type Topics } from '@ringfence/wire/topics';
import type { ReactorCheckpoints, ReactorLease } from '@ringfence/ports/checkpoints/reactor-checkpoints';
import { toSharedTopic } from './passed-command.js';

type AccountCommandsParts = {
  readonly account: AccountId;
  readonly topics: Topics;
  readonly laneCount: number;
  /** Bus of the shared commands. */
  readonly bus: Pick<MessageBus, 'publish'>;
  /** Bus of the account's dedicated topics. */
  readonly accountBus: Pick<MessageBus, 'ranges' | 'followDecodable'>;
  readonly checkpoints: ReactorCheckpoints;
  /** Names this process. */
  readonly owner: string;
  readonly onRetryableError: (cause: unknown) => void;
};

/**
 * Forwards the commands of an account's dedicated topic to the shared one. A message counts as consumed when it is
 * durably forwarded or a dead letter; the next owner begins there. A command that is forwarded twice is decided once.
 */
export class AccountCommands {
  #membership: Membership | undefined;
  #replaced = false;

  private constructor(
    private readonly parts: AccountCommandsParts,
    private readonly lease: ReactorLease,
  ) {}

  /** @throws Failure `bus_unavailable`, `reactor_checkpoints_unavailable` (retryable) */
  static async start(parts: AccountCommandsParts): Promise<AccountCommands> {
    const { account, topics, accountBus, checkpoints, owner, onRetryableError } = parts;
    const topic = accountTopicsOf(topics, account).commands;
    const lease = await checkpoints.take(`account_commands:${account}`, owner);
    const [range] = await accountBus.ranges(topic);
    const next = BigInt(lease.next);
    // A recreated topic has none of the messages consumed from the old one.
    const from = range !== undefined && next > range.next ? 'first' : next;
    const commands = new AccountCommands(parts, lease);
    commands.#membership = await accountBus.followDecodable({
      topic,
      from: new Map([[0, from]]),
      onMessages: (_partition, batch) => commands.#take(batch),
      onRetryableError,
    });
    return commands;
  }

  async stop(): Promise<void> {
    await this.#membership?.leave();
  }

  async #take(batch: readonly DecodedItem[]): Promise<void> {
    const { account, topics, laneCount, bus } = this.parts;
    const last = batch.at(-1);
    // Its successor reads them; the bridge ends this one at its next check.
    if (last === undefined || this.#replaced) return;
    await bus.publish(batch.map((item) => toSharedTopic(item, account, topics, laneCount)));
    try {
      await this.lease.save(position(Number(behind(last))));
    } catch (failure) {
      if (!(failure instanceof Failure) || failure.retryable) throw failure;
      this.#replaced = true;
      this.parts.onRetryableError(failure);
    }
  }
}
