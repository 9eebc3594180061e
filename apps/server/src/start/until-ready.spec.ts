import { describe, expect, it } from '@jest/globals';
import { FakeTimers } from '@ringfence/testing/fake-timers';
import { type Missing, readyLateMs, untilReady } from './until-ready.js';

type Parts = Readonly<Record<string, string | null>>;
const ready: Parts = { process: null, database: null, key_registry: null };
const behind: Parts = { ...ready, key_registry: 'has not seen the end of the log lately' };

class Start {
  readonly timers = new FakeTimers();
  readonly logged: Missing[] = [];
  readonly stopping = new AbortController();
  parts = behind;
  isReady: boolean | undefined;

  begin(): Promise<void> {
    const health = { parts: () => Promise.resolve(this.parts) };
    return untilReady(health, this.timers, this.stopping.signal, (missing) => this.logged.push(missing)).then(
      (found) => {
        this.isReady = found;
      },
    );
  }
}

describe('a start', () => {
  it('is over once every part is ready', async () => {
    const start = new Start();
    const over = start.begin();
    await start.timers.advance(1_000);
    expect(start.isReady).toBeUndefined();
    start.parts = ready;
    await start.timers.advance(100);
    await over;
    expect(start.isReady).toBe(true);
    expect(start.logged).toEqual([]);
  });

  it('waits for every part, however long it takes, and keeps reporting which is missing', async () => {
    const start = new Start();
    void start.begin();
    await start.timers.advance(2 * readyLateMs + 1_000);
    expect(start.isReady).toBeUndefined();
    expect(start.logged).toEqual([
      { key_registry: 'has not seen the end of the log lately' },
      { key_registry: 'has not seen the end of the log lately' },
    ]);
    start.parts = ready;
    await start.timers.advance(100);
    expect(start.isReady).toBe(true);
  });

  it('can be aborted', async () => {
    const start = new Start();
    const over = start.begin();
    await start.timers.advance(1_000);
    start.stopping.abort();
    await over;
    expect(start.isReady).toBe(false);
  });
});
