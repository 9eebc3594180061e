import type { LegId, OperationId } from '@ringfence/kernel/ids';
import type { DialOrder } from '@ringfence/ports/carrier/carrier';
import type { Timeline } from './sandbox-numbers.js';

/** One call's life. All moments are of the simulated clock. */
export type SandboxCall = {
  readonly order: Pick<DialOrder, 'attemptId' | 'accountId' | 'callId' | 'legId' | 'ringTimeoutMs'>;
  /** The far end is the caller. */
  readonly isInbound: boolean;
  /** The number of the far end. */
  readonly farEnd: string;
  readonly timeline: Timeline;
  readonly dialledAtMs: number;
  progress: 'dialled' | 'ringing' | 'answered';
  answeredAtMs: number;
  authorisedForMs: number;
  cancelStep: () => void;
  /** The last action; 0: there was none. */
  actionStep: number;
  cancelAction: () => void;
  /** Operations of this call that were carried out. */
  readonly operations: Set<OperationId>;
  readonly muted: Set<LegId>;
  cancelPlayback: () => void;
};

const ignored = (): void => undefined;

/** State of a call that no order but its first has reached. */
export function asYetUntouched(): Omit<
  SandboxCall,
  'order' | 'isInbound' | 'farEnd' | 'timeline' | 'dialledAtMs' | 'progress' | 'answeredAtMs' | 'authorisedForMs'
> {
  return {
    cancelStep: ignored,
    actionStep: 0,
    cancelAction: ignored,
    operations: new Set<OperationId>(),
    muted: new Set<LegId>(),
    cancelPlayback: ignored,
  };
}
