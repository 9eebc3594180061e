import { describe, expect, it } from '@jest/globals';
import { UndoStack } from './undo-stack.js';

function stacked() {
  const story: string[] = [];
  const undo = new UndoStack();
  const part = (name: string) => ({
    name,
    stop: (planned: boolean) => {
      story.push(`${name}${planned ? ', planned' : ''}`);
      return Promise.resolve();
    },
  });
  return { story, undo, part };
}

describe('the parts that a start has started', () => {
  it('are stopped in reverse order, each once', async () => {
    const { story, undo, part } = stacked();
    expect(undo.own(part('log')).name).toBe('log');
    undo.own(part('lanes'));
    undo.push(part('server').stop);
    await undo.run(true);
    await undo.run(true);
    expect(story).toEqual(['server, planned', 'lanes, planned', 'log, planned']);
  });

  it('learn whether the stop was planned', async () => {
    const { story, undo, part } = stacked();
    undo.own(part('log'));
    await undo.run(false);
    expect(story).toEqual(['log']);
  });
});
