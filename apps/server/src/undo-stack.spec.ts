import { describe, expect, it } from '@jest/globals';
import { UndoStack } from './undo-stack.js';

function stacked() {
  const stops: string[] = [];
  const undo = new UndoStack();
  const part = (name: string) => ({
    name,
    stop: (planned: boolean) => {
      stops.push(`${name}${planned ? ', planned' : ''}`);
      return Promise.resolve();
    },
  });
  return { stops, undo, part };
}

describe('the parts that a start has started', () => {
  it('are stopped in reverse order, each once', async () => {
    const { stops, undo, part } = stacked();
    expect(undo.own(part('log')).name).toBe('log');
    undo.own(part('lanes'));
    undo.push(part('server').stop);
    await undo.run(true);
    await undo.run(true);
    expect(stops).toEqual(['server, planned', 'lanes, planned', 'log, planned']);
  });

  it('learn whether the stop was planned', async () => {
    const { stops, undo, part } = stacked();
    undo.own(part('log'));
    await undo.run(false);
    expect(stops).toEqual(['log']);
  });
});
