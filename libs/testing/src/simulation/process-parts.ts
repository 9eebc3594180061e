import type { OpenedLog } from '@ringfence/lanes/open-log';
import type { ClusterMac } from '@ringfence/command-transport/command-topic/cluster-mac';
import type { SaltSource } from '@ringfence/lanes/salt-source';
import type { RelayLeases } from '@ringfence/ports/leases/relay-leases';
import type { EventStore } from '@ringfence/ports/log/event-store';
import type { IdSource } from '@ringfence/kernel/ids';
import type { MessageBus } from '@ringfence/ports/message-bus/message-bus';
import type { Topics } from '@ringfence/wire/topics';
import type { Recording } from '../checkers/recording.js';
import type { SimulatedProcess } from './simulated-process.js';

/** Parts given to every process of a simulated cluster. */
export type ProcessParts = {
  readonly process: SimulatedProcess;
  readonly store: EventStore;
  readonly bus: MessageBus;
  readonly ids: IdSource;
  readonly salts: SaltSource;
  readonly log: OpenedLog;
  readonly topics: Topics;
  readonly clusterMac: ClusterMac;
  readonly recording: Recording;
  readonly leases: RelayLeases;
};

/** Describes a cause for the recording. */
export function describeCause(cause: unknown): string {
  return cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
}
