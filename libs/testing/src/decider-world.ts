import { ClusterMac } from '@ringfence/command-transport/command-topic/cluster-mac';
import { authenticatedHeaders } from '@ringfence/command-transport/command-topic/cluster-event';
import {
  CommandConsumer,
  type CommandConsumerOptions,
} from '@ringfence/command-transport/command-topic/command-consumer';
import { commandEvent } from '@ringfence/command-transport/envelope/wire-command-envelope';
import type { SubmittedCommand } from '@ringfence/commands/command-dispatcher';
import { MemoryEventStore, MemoryLog } from '@ringfence/event-store-memory/memory-event-store';
import { laneOf } from '@ringfence/kernel/lane';
import { LaneExecutor } from '@ringfence/lanes/lane-executor';
import type { LaneExecutorOptions } from '@ringfence/lanes/lane-executor-options';
import type { LaneHost } from '@ringfence/lanes/lane-host';
import type { OpenedLog } from '@ringfence/lanes/open-log';
import { MemoryBroker } from '@ringfence/messaging-memory/memory-broker';
import { MemoryMessageBus } from '@ringfence/messaging-memory/memory-message-bus';
import type { OutgoingMessage } from '@ringfence/ports/message-bus/message';
import { KeyRing } from '@ringfence/runtime/key-ring';
import { systemTimers } from '@ringfence/runtime/system-timers';
import { InMemorySubjectVault } from '@ringfence/vault-memory/memory-subject-vault';
import { topicSpecs, topicsOf } from '@ringfence/wire/topics';
import { exampleRoutes } from './examples.js';
import { OperatorCommands } from './operator-commands.js';
import { openPricedLog } from './priced-log.js';

export const laneCount = 64;
export const topics = topicsOf('spec');
export const specKeyRing = (fill: number) => KeyRing.parse(`one:${Buffer.alloc(32, fill).toString('base64')}`, 'spec');
/** MAC of the world's own cluster. */
export const clusterMac = new ClusterMac(specKeyRing(1));

/** One topic of commands and one log, and deciders that come and go. */
export class DeciderWorld extends OperatorCommands {
  readonly log = new MemoryLog();
  readonly store = new MemoryEventStore(this.log, this.clock);
  readonly vault = new InMemorySubjectVault(this.ids);
  broker = new MemoryBroker();
  /** Reports of deciders: lost lanes, a recreated topic, and failures. */
  readonly reports: unknown[] = [];
  readonly #undo: (() => Promise<unknown>)[] = [];

  /** Undoes all starts, the last one first. */
  async end(): Promise<void> {
    for (const step of this.#undo.splice(0).reverse()) await step();
  }

  bus(): MemoryMessageBus {
    const bus = new MemoryMessageBus(this.broker);
    this.atEnd(() => bus.close());
    return bus;
  }

  atEnd(step: () => Promise<unknown>): void {
    this.#undo.push(step);
  }

  /** Opens the log, and puts a price list in force if it is new. */
  protected openLog(): Promise<OpenedLog> {
    const { store, clock, ids } = this;
    return openPricedLog(store, { clock, ids, owner: 'spec' });
  }

  readonly report = (what: unknown): void => {
    this.reports.push(what);
  };

  protected get host(): LaneHost {
    const { report } = this;
    return {
      lanesLost: () => {
        report('lanes lost');
      },
      parked: (_command, cause) => {
        report(cause);
      },
      quarantined: (_stream, cause) => {
        report(cause);
      },
      outdated: (_stream, cause) => {
        report(cause);
      },
      broken: report,
    };
  }

  async executor(
    change: Partial<Pick<LaneExecutorOptions, 'lanes' | 'timers'>> = {},
  ): Promise<{ readonly log: OpenedLog; readonly executor: LaneExecutor }> {
    const { clock, ids, store, host } = this;
    const log = await this.openLog();
    const executor = await LaneExecutor.start({
      store,
      clock,
      ids,
      host,
      log,
      routes: exampleRoutes,
      timers: systemTimers,
      owner: 'spec',
      lanes: 'none',
      ...change,
    });
    return { log, executor };
  }

  consumer(
    executor: LaneExecutor,
    change: Partial<CommandConsumerOptions> & Pick<CommandConsumerOptions, 'bus' | 'accountBus'>,
  ): Promise<CommandConsumer> {
    const { clock, ids, store, vault, report } = this;
    return CommandConsumer.start({
      topics,
      laneCount,
      executor,
      store,
      vault,
      clusterMac,
      clock,
      ids,
      verifier: null,
      instance: 'spec',
      onRetryableError: report,
      onTopicRecreated: (lanes) => {
        report(`recreated topic: ${lanes.join()}`);
      },
      ...change,
    });
  }

  /** Starts a decider for the lanes that its group assigns to it. */
  async decider(change: Partial<CommandConsumerOptions> = {}) {
    const { bus = this.bus() } = change;
    const { executor } = await this.executor();
    await bus.ensureTopics(topicSpecs(topics, laneCount, 1));
    const consumer = await this.consumer(executor, { bus, accountBus: bus, ...change });
    const stop = async (hasHeirs?: () => boolean): Promise<void> => {
      await consumer.stop(hasHeirs);
      await executor.stop();
    };
    this.atEnd(() => stop());
    return { executor, stop };
  }

  /** Returns a gateway's record of the command, in the partition of its lane. */
  record(command: SubmittedCommand, correlation = 'c'): OutgoingMessage & { readonly partition: number } {
    const event = commandEvent(command, this.clock.now(), { partition: 0, correlation }, 'urn:spec');
    const { stream } = command;
    const headers = authenticatedHeaders(event, clusterMac);
    return { topic: topics.commands, key: stream, partition: laneOf(stream, laneCount), headers, value: event.data };
  }
}
