import type { CommandDispatcher } from '@ringfence/commands/command-dispatcher';
import { PostgresDeliveryQueue } from '@ringfence/reactor-checkpoints-postgres/postgres-delivery-queue';
import type { ReactorHost } from '@ringfence/reactors/reactor-host';
import { WebhookReactor } from '@ringfence/reactors/webhooks/webhook-reactor';
import type { Needs } from '../server-process.js';

/** Queues webhooks and sends them. */
export async function startWebhooks(
  process: Needs<'clock' | 'metrics' | 'outbound' | 'owner' | 'store' | 'storePool' | 'timers' | 'vault'>,
  dispatcher: CommandDispatcher,
  host: ReactorHost,
): Promise<WebhookReactor> {
  const { clock, metrics, outbound, owner, store, storePool, timers, vault } = process;
  const [queue, receiverKey] = await Promise.all([
    PostgresDeliveryQueue.open(storePool),
    vault.durableKey('webhook_receivers'),
  ]);
  return WebhookReactor.start({
    store,
    queue,
    vault,
    outbound,
    dispatcher,
    clock,
    timers,
    random: Math.random,
    receiverKey,
    observer: metrics.webhooks,
    host,
    owner,
  });
}
