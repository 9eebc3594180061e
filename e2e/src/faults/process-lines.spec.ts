import { describe, expect, it } from '@jest/globals';
import { ServerLog } from '@ringfence/server/telemetry/server-log';
import { Recording } from '@ringfence/testing/checkers/recording';
import { pino } from 'pino';
import { alarms, ProcessLines } from './process-lines.js';

/** Returns what is recorded of a server's log lines. */
function received(log: (server: ServerLog) => void) {
  const recording = new Recording(() => 0);
  const lines = new ProcessLines(recording);
  log(
    new ServerLog(
      pino(
        { level: 'trace' },
        {
          write: (line: string) => {
            lines.receive('decider-1', line);
          },
        },
      ),
    ),
  );
  return { recording, lines };
}

describe('the lines of the processes', () => {
  it.each(alarms)('of which none should ever be logged are recorded: %s', (alarm) => {
    const { recording } = received((server) => {
      server.event(alarm, { stream: 'platform' });
    });
    expect(recording.happenings).toMatchObject([{ kind: 'broken', process: 'decider-1' }]);
  });

  it('count the dials, and nothing else', () => {
    const { lines, recording } = received((server) => {
      server.event('attempt_dialled', { attemptId: 'evt_1' });
      server.event('leader_elected', { duty: 'carrier' });
      server.event('message_bus_error');
    });
    expect(lines.dialled).toEqual(['evt_1']);
    expect(recording.happenings).toEqual([]);
  });
});
