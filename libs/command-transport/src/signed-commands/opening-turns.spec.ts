import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { OpeningTurns, openingsPerTurnMax } from './opening-turns.js';

describe('the turns in which values are opened', () => {
  it('leave other work between them, and keep the order', async () => {
    const turns = new OpeningTurns();
    const opened: number[] = [];
    const values = Array.from({ length: 3 * openingsPerTurnMax + 1 }, (_, value) => value);
    const all = Promise.all(
      values.map((value) =>
        turns.run(() => {
          opened.push(value);
          return Promise.resolve(value);
        }),
      ),
    );
    const seen = [opened.length];
    while (opened.length < values.length) {
      await setImmediate();
      seen.push(opened.length);
    }
    expect(seen).toEqual([0, 1, 2, 3].map((turn) => turn * openingsPerTurnMax).concat(values.length));
    expect(await all).toEqual(values);
    expect(opened).toEqual(values);
  });

  it('report a failure to the one who asked', async () => {
    const turns = new OpeningTurns();
    const failing = turns.run(() => Promise.reject(new Error('no key')));
    const next = turns.run(() => Promise.resolve('opened'));
    await expect(failing).rejects.toThrow('no key');
    expect(await next).toBe('opened');
  });
});
