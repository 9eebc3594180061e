import type { OpenedLog } from '@ringfence/application/bootstrap/open-log';
import type { ClusterMac } from '@ringfence/application/command-topic/voucher';
import type { SaltSource } from '@ringfence/application/lane/salt-source';
import type { RelayLeases } from '@ringfence/application/relay/relay-leases';
import type { EventStore } from '@ringfence/event-store/event-store';
import type { IdSource } from '@ringfence/kernel/ids';
import type { MessageBus } from '@ringfence/messaging/message-bus';
import type { Topics } from '@ringfence/messaging/topics';
import type { Recording } from '../judging/recording.js';
import type { SimulatedProcess } from './simulated-process.js';

/** What every process of a simulated cluster is given. */
export type ProcessParts = {
  readonly process: SimulatedProcess;
  readonly store: EventStore;
  readonly bus: MessageBus;
  readonly ids: IdSource;
  readonly salts: SaltSource;
  readonly log: OpenedLog;
  readonly topics: Topics;
  readonly voucher: ClusterMac;
  readonly recording: Recording;
  readonly leases: RelayLeases;
};

/** As a recording notes it. */
export function reasonOf(cause: unknown): string {
  return cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
}
