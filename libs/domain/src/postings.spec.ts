import { describe, expect, it } from '@jest/globals';
import { exampleEvents } from '@ringfence/testing/example-events';
import { zeroMicros } from '@ringfence/kernel/units';
import { readFileSync } from 'node:fs';
import { postings } from './postings.js';

const golden = JSON.parse(readFileSync(new URL('./postings.golden.v1.json', import.meta.url), 'utf8')) as Record<
  string,
  readonly string[]
>;
const events = Object.values(exampleEvents);

describe('postings', () => {
  // The golden file never changes for a version that has been released: closed periods never move. An event without a
  // line posts nothing.
  it.each(events.map((event) => [event.type, event] as const))('of %s are what they always were', (type, event) => {
    const lines = postings(event).map(
      ({ book, account, amountMicros }) => `${book} ${account} ${amountMicros.toString()}`,
    );
    expect(lines).toEqual(golden[type] ?? []);
  });

  it('have a golden line for nothing but events', () => {
    const types: readonly string[] = events.map(({ type }) => type);
    expect(Object.keys(golden).filter((type) => !types.includes(type))).toEqual([]);
  });

  it.each(events.map((event) => [event.type, event] as const))('of %s sum to zero', (_type, event) => {
    expect(postings(event).reduce((sum, { amountMicros }) => sum + amountMicros, 0n)).toBe(0n);
  });

  it('go to the book of the mode', () => {
    expect(postings({ ...exampleEvents.CallPlaced, mode: 'live' }).map(({ book }) => book)).toEqual(['live', 'live']);
  });

  it('leave out what is nothing', () => {
    const free = { ...exampleEvents.CallCompleted, chargedMicros: zeroMicros };
    expect(postings(free).map(({ account }) => account)).toEqual(['reserved', 'available']);
    expect(postings({ ...exampleEvents.CallFailed, releasedMicros: zeroMicros })).toEqual([]);
  });
});
