import { describe, expect, it } from '@jest/globals';
import { judgeInProcesses } from '@ringfence/testing/simulation/seed-processes';
import { parseSeedRange } from './seed-range.js';
import { type Run, simulate } from './simulation.js';
import { situations } from './coverage.js';

describe('a simulated cluster', () => {
  it('keeps its promises in seeds 1 to 1,000, and covers every kind of fault', async () => {
    const { wrong, met } = await judgeInProcesses(parseSeedRange('1-1000'));
    expect(wrong).toEqual([]);
    expect(situations.filter((way) => !met.has(way))).toEqual([]);
  }, 600_000);

  it.each([3, 17, 75, 674])('does the very same again with the same seed (%i)', async (seed) => {
    const [one, other] = [await simulate(seed), await simulate(seed)];
    expect(leftBy(one)).toBe(leftBy(other));
    expect(leftBy(one).length).toBeGreaterThan(1_000);
  });

  it('does something else with another seed', async () => {
    expect(leftBy(await simulate(1))).not.toBe(leftBy(await simulate(2)));
  });
});

/** Returns all that a run leaves, byte for byte: what happened, the log, and the contents of the topics. */
function leftBy({ recording, cluster }: Run): string {
  const log = cluster.log.events.map(({ bytes }) => Buffer.from(bytes).toString());
  const topics = ['commands', 'replies', 'deadLetters', 'events'] as const;
  const messages = topics
    .flatMap((topic) => cluster.messagesIn(topic))
    .map(({ partition, offset, headers, value }) =>
      [partition, String(offset), JSON.stringify(headers), Buffer.from(value).toString()].join(' '),
    );
  return [recording.toText(), ...log, ...messages].join('\n');
}
