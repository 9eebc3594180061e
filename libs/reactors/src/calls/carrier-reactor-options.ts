import type { Clock } from '@ringfence/kernel/clock';
import type { CommandDispatcher } from '@ringfence/commands/command-dispatcher';
import type { EventStore } from '@ringfence/ports/log/event-store';
import type { LiveCalls } from './live-calls.js';
import type { ReactorHost } from '../reactor-host.js';
import type { SimulatedCallers } from '@ringfence/ports/carrier/simulated-callers';
import type { SubjectVault } from '@ringfence/ports/vault/subject-vault';
import type { Tracing } from '@ringfence/kernel/tracing';
import type { IdSource } from '@ringfence/kernel/ids';
import type { Timers } from '@ringfence/kernel/timers';
import type { Carrier, CarrierSignal, IncomingCall } from '@ringfence/ports/carrier/carrier';
import type { ReactorCheckpoints } from '@ringfence/ports/checkpoints/reactor-checkpoints';
import type { NumberOwners } from './incoming-calls.js';

export type CarrierReactorOptions = {
  readonly store: EventStore;
  readonly checkpoints: ReactorCheckpoints;
  readonly vault: SubjectVault;
  readonly carrier: Carrier;
  readonly callers: SimulatedCallers;
  readonly owners: NumberOwners;
  readonly dispatcher: CommandDispatcher;
  readonly liveCalls: LiveCalls;
  readonly ids: IdSource;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly host: ReactorHost;
  /** Called with each signal before it is reported. Must not throw. */
  readonly onSignal: (signal: CarrierSignal) => void;
  /** undefined: traces are off */
  readonly tracing?: Tracing | undefined;
  /** Called for an incoming call to a number that no account has. */
  readonly onUnallocated: (call: IncomingCall) => void;
  /** Identifies this process. */
  readonly owner: string;
};
