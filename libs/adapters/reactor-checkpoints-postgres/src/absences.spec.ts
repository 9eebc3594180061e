import { describe, expect, it } from '@jest/globals';
import { Absences, missedLooksMax } from './absences.js';

const looks = (watch: Absences<string>, count: number, ...present: string[]) =>
  Array.from({ length: count }, () => watch.look(new Set(present))).flat();

describe('who is gone', () => {
  it('is a name that was seen and then missed in as many looks in a row, reported once', () => {
    const watch = new Absences<string>();
    expect(looks(watch, 5, 'one', 'two')).toEqual([]);
    expect(looks(watch, missedLooksMax - 1, 'one')).toEqual([]);
    expect(looks(watch, 10, 'one')).toEqual(['two']);
  });

  it('is nobody who comes back in between', () => {
    const watch = new Absences<string>();
    for (let round = 0; round < 3; round += 1) {
      expect(looks(watch, 1, 'one')).toEqual([]);
      expect(looks(watch, missedLooksMax - 1)).toEqual([]);
    }
  });

  it('is nobody who was never seen', () => {
    expect(looks(new Absences<string>(), 10, 'one')).toEqual([]);
  });

  it('is reported again after it was back', () => {
    const watch = new Absences<string>();
    for (let round = 0; round < 2; round += 1) {
      looks(watch, 1, 'one');
      expect(looks(watch, missedLooksMax)).toEqual(['one']);
    }
  });
});
