import { expect, it } from '@jest/globals';
import { Progress } from './progress.js';
import { simulate } from './simulation.js';

it('says what a range of seeds met and how long it took, and at once which seed is red', async () => {
  const lines: string[] = [];
  let nowMs = 0;
  const progress = new Progress(
    (line) => lines.push(line),
    () => nowMs,
    10,
  );
  const run = await simulate(3);
  for (let seed = 1; seed <= 13; seed += 1) {
    nowMs += 5_000;
    progress.ran({ ...run, seed }, seed === 12 ? 'oneOutcome: two of them' : null);
  }
  progress.end(13);
  expect(lines).toHaveLength(3);
  expect(lines[0]).toMatch(/^seeds 1 to 10: 0 red, 50 s since the start; .*\baccepted \d+0\b/);
  expect(lines[1]).toBe('seed 12 is red: oneOutcome: two of them');
  expect(lines[2]).toMatch(/^seeds 11 to 13: 1 red, 65 s since the start; .*\baccepted \d+/);
});
