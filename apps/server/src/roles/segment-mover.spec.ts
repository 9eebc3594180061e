import { describe, expect, it } from '@jest/globals';
import { Failure } from '@ringfence/kernel/failure';
import { position } from '@ringfence/kernel/units';
import type { ColdPages, LogSegments, MovedPages, MoveOutcome } from '@ringfence/ports/log/log-segments';
import { FakeTimers } from '@ringfence/testing/fake-timers';
import { pino } from 'pino';
import { configFrom } from '../config/config.js';
import { Metrics } from '../telemetry/metrics.js';
import { ServerLog } from '../telemetry/server-log.js';
import { startSegmentMover } from './segment-mover.js';

const workPerPageMs = 5;

/** Segments that give the answer that was set; each page of a move takes 5 ms. */
class ScriptedSegments implements LogSegments {
  readonly asked: ColdPages[] = [];
  answer: MoveOutcome | Failure = 'nothing_cold';

  constructor(private readonly timers: FakeTimers) {}

  async moveCold(cold: ColdPages): Promise<MovedPages> {
    this.asked.push(cold);
    if (this.answer instanceof Failure) throw this.answer;
    if (this.answer === 'moved') {
      for (let page = 0; page < cold.pages; page += 1) {
        await new Promise<void>((resolve) => this.timers.after(workPerPageMs, resolve));
        await cold.afterPage?.();
      }
    }
    return { outcome: this.answer, next: position(512), coldEvents: 256 };
  }
}

function started(hotEvents: string) {
  const timers = new FakeTimers();
  const segments = new ScriptedSegments(timers);
  const lines: string[] = [];
  const log = new ServerLog(pino({ level: 'info' }, { write: (line: string) => lines.push(line) }));
  const metrics = new Metrics(log);
  const config = configFrom({ RINGFENCE_LOG_HOT_EVENTS: hotEvents });
  const packed: string[] = [];
  const vault = {
    pack: () => {
      packed.push(segments.answer instanceof Failure ? segments.answer.code : segments.answer);
      return Promise.resolve();
    },
  };
  const mover = startSegmentMover({ segments, vault, config, timers, log, metrics });
  return { timers, segments, lines, metrics, packed, mover };
}

describe('the mover of cold positions', () => {
  it.each([
    ['1024', 1],
    ['8192', 8],
    ['65536', 64],
    ['999999999', 64],
  ])('moves, with %s hot events, %i pages at a time', async (hotEvents, pages) => {
    const { timers, segments, mover } = started(hotEvents);
    await timers.advance(10_000);
    expect(segments.asked).toMatchObject([{ hotEvents: Number(hotEvents), pages }]);
    await mover.stop();
  });

  it('works a tenth of the time while there is something to move', async () => {
    const { timers, segments, mover } = started('8192');
    segments.answer = 'moved';
    await timers.advance(10_000);
    const before = segments.asked.length;
    await timers.advance(10_000);
    const workedMs = (segments.asked.length - before) * 8 * workPerPageMs;
    expect(workedMs).toBeGreaterThan(900);
    expect(workedMs).toBeLessThanOrEqual(1_000);
    const stopping = mover.stop();
    await timers.advance(8 * workPerPageMs);
    await stopping;
  });

  it('looks every ten seconds when nothing is cold, and says how much is in segments and how much is waiting', async () => {
    const { timers, segments, metrics, mover } = started('1024');
    await timers.advance(60_000);
    expect(segments.asked).toHaveLength(6);
    const text = await metrics.text();
    expect(text).toContain('ringfence_log_segment_events 512');
    expect(text).toContain('ringfence_log_cold_events 256');
    await mover.stop();
  });

  it('waits for a minute after it has seen a process of an earlier release, and says so once', async () => {
    const { timers, segments, lines, mover } = started('1024');
    segments.answer = 'former_release';
    await timers.advance(10_000 + 3 * 60_000);
    expect(segments.asked).toHaveLength(4);
    expect(lines.filter((line) => line.includes('segments_wait'))).toHaveLength(1);
    await mover.stop();
  });

  it('goes on after the database was away, and stops for good when a page is not what its rows are', async () => {
    const { timers, segments, lines, mover } = started('1024');
    segments.answer = new Failure('event_store_unavailable', 'away', true);
    await timers.advance(20_000);
    expect(segments.asked).toHaveLength(2);
    segments.answer = new Failure('broken', 'not what it was', false);
    await timers.advance(60_000);
    expect(segments.asked).toHaveLength(3);
    expect(lines.filter((line) => line.includes('segment_move_error'))).toHaveLength(2);
    expect(lines.join()).toContain('docs/runbooks.md#segment_not_moved');
    await mover.stop();
  });

  it('ends a move without rests when the process stops', async () => {
    const { timers, segments, mover } = started('8192');
    segments.answer = 'moved';
    await timers.advance(10_005);
    const stopping = mover.stop();
    await timers.advance(8 * workPerPageMs);
    await stopping;
    await timers.advance(60_000);
    expect(segments.asked).toHaveLength(1);
  });

  it('has values packed once something was moved, for then the release before has gone for good', async () => {
    const { timers, segments, packed, mover } = started('1024');
    for (const answer of ['nothing_cold', 'moved_by_another', 'former_release'] as const) {
      segments.answer = answer;
      await timers.advance(120_000);
    }
    expect(packed).toEqual([]);
    segments.answer = 'moved';
    await timers.advance(120_000);
    expect(segments.asked.length).toBeGreaterThan(6);
    expect(packed).toEqual(['moved']);
    segments.answer = 'nothing_cold';
    await timers.advance(10_000);
    await mover.stop();
  });
});
