import type { LogEventCode } from '@ringfence/server/telemetry/log-events';
import type { Recording } from '@ringfence/testing/checkers/recording';

/** Events that a process logs only after a bug, or when an operator has to act. */
export const alarms: readonly LogEventCode[] = [
  'invariant_violated',
  'command_parked',
  'account_quarantined',
  'projection_stream_parked',
  'projection_stopped',
  'reactor_stopped',
  'relay_diverged',
  'platform_follow_stopped',
  'key_registry_behind',
  'uncaught_exception',
  'unhandled_rejection',
];
const dial: LogEventCode = 'attempt_dialled';

/** Reads the logs of the processes: counts dials, and records what must never be logged. */
export class ProcessLines {
  readonly dialled: string[] = [];

  constructor(private readonly recording: Recording) {}

  receive(process: string, line: string): void {
    if (isOf(line, dial)) {
      const [, attemptId] = /"attemptId":"([^"]+)"/.exec(line) ?? [];
      if (attemptId !== undefined) this.dialled.push(attemptId);
    } else if (alarms.some((alarm) => isOf(line, alarm))) {
      this.recording.note({ kind: 'broken', process, what: line });
    }
  }
}

function isOf(line: string, event: LogEventCode): boolean {
  return line.includes(`"event":"${event}"`);
}
