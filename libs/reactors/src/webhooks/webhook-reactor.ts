import type { CommandDispatcher } from '@ringfence/commands/command-dispatcher';
import type { Clock } from '@ringfence/kernel/clock';
import type { Timers } from '@ringfence/kernel/timers';
import { epochMs, type Position } from '@ringfence/kernel/units';
import type { ReactorCheckpoints } from '@ringfence/ports/checkpoints/reactor-checkpoints';
import type { DeliveryLease, DeliveryQueue, QueueChange } from '@ringfence/ports/deliveries/delivery-queue';
import type { EventStore } from '@ringfence/ports/log/event-store';
import type { OutboundClient } from '@ringfence/ports/outbound/outbound-client';
import type { SubjectVault } from '@ringfence/ports/vault/subject-vault';
import type { LogPage } from '../log-follower.js';
import { LogReactor } from '../log-reactor.js';
import type { ReactorHost } from '../reactor-host.js';
import { DeliveryPlanner, plannedTypes } from './delivery-planner.js';
import { type DeliveryObserver, DeliverySender } from './delivery-sender.js';
import { FailureRecorder } from './failure-recorder.js';

const reactorName = 'webhooks';
const types = new Set(plannedTypes);
/** Age of the oldest calls that are followed by the very first start. */
const followedBackMs = 60_000;
/** The longest lag of the checkpoint while events change nothing. */
const checkpointEveryMs = 5_000;

type WebhookReactorParts = {
  readonly store: EventStore;
  readonly queue: DeliveryQueue;
  readonly vault: Pick<SubjectVault, 'open'>;
  readonly outbound: Pick<OutboundClient, 'post'>;
  readonly dispatcher: CommandDispatcher;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: () => number;
  readonly receiverKey: Uint8Array;
  readonly observer: DeliveryObserver;
  readonly host: ReactorHost;
  /** Identifies this process. */
  readonly owner: string;
};

/** Queues the deliveries that events require, and sends them. */
export class WebhookReactor {
  private constructor(
    private readonly following: LogReactor<(typeof plannedTypes)[number]>,
    private readonly sender: DeliverySender,
  ) {}

  /** @throws Failure of the queue, the store and the vault (retryable) */
  static async start(parts: WebhookReactorParts): Promise<WebhookReactor> {
    const { store, timers, clock, host, owner, queue } = parts;
    const lease = await queue.take(owner, epochMs(clock.now() - followedBackMs));
    const planner = await DeliveryPlanner.open(parts, lease);
    const sender = senderOf(parts, lease);
    const queueing = new Queueing(lease, planner, sender, timers);
    const carryOut = (page: LogPage<(typeof plannedTypes)[number]>) => queueing.plan(page);
    const reaction = { name: reactorName, types, carryOut };
    const following = await LogReactor.start(
      { store, timers, host, owner, checkpoints: queueing.checkpoints },
      reaction,
      'at_once',
    );
    sender.start();
    return new WebhookReactor(following, sender);
  }

  async stop(): Promise<void> {
    await this.following.stop();
    await this.sender.stop();
  }
}

function senderOf(parts: WebhookReactorParts, lease: DeliveryLease): DeliverySender {
  const { host } = parts;
  return new DeliverySender({
    ...parts,
    lease,
    failures: new FailureRecorder(parts),
    onRetryableError: (cause) => {
      host.onRetryableError(reactorName, cause);
    },
    stopped: (cause) => {
      host.stopped(reactorName, cause);
    },
  });
}

/** Applies the plan of a page together with the reactor's checkpoint. */
class Queueing {
  #planned: QueueChange | undefined;
  #savedAtMs: number;

  constructor(
    private readonly lease: DeliveryLease,
    private readonly planner: DeliveryPlanner,
    private readonly sender: DeliverySender,
    private readonly timers: Timers,
  ) {
    this.#savedAtMs = timers.monotonicMs();
  }

  async plan({ events }: LogPage<(typeof plannedTypes)[number]>): Promise<void> {
    this.#planned = await this.planner.plan(events);
  }

  readonly checkpoints: ReactorCheckpoints = {
    take: () => Promise.resolve({ next: this.lease.next, save: (next) => this.#save(next) }),
    close: () => Promise.resolve(),
  };

  async #save(next: Position): Promise<void> {
    const change = this.#planned ?? noChange;
    const nowMs = this.timers.monotonicMs();
    // Most calls have no endpoint: their events need no transaction of their own, and may be read twice.
    if (isEmpty(change) && nowMs - this.#savedAtMs < checkpointEveryMs) return;
    await this.lease.apply(change, next);
    this.#savedAtMs = nowMs;
    this.planner.accept(change);
    this.#planned = undefined;
    if (change.deliveries.length > 0) this.sender.notice();
  }
}

const noChange: QueueChange = {
  followed: [],
  ended: [],
  deliveries: [],
  secrets: [],
  deletedSecrets: [],
  apps: [],
  deletedApps: [],
};

function isEmpty(change: QueueChange): boolean {
  return Object.values(change).every((each) => each.length === 0);
}
