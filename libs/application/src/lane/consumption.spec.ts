import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Consumption } from './consumption.js';

describe('what is consumed of a lane', () => {
  it('is never more than what was done, and all of it once everything is', () => {
    const messages = fc.uniqueArray(fc.nat(60), { minLength: 1 }).map((offsets) => offsets.sort((a, b) => a - b));
    fc.assert(
      fc.property(messages, fc.infiniteStream(fc.nat()), fc.nat(60), (offsets, picks, crashAfter) => {
        const pick = () => Number(picks.next().value);
        let owner = new Consumption(null);
        const done = new Set<bigint>();
        let kept = owner.with(new Set());
        for (let round = 0; done.size < offsets.length; round += 1) {
          if (round === crashAfter) owner = new Consumption(kept);
          const open = offsets.map(BigInt).filter((offset) => {
            owner.offer(offset);
            return !owner.isDone(offset);
          });
          // What the log says is done, was; what was, is not asked for again.
          expect(new Set(open)).toEqual(new Set(offsets.map(BigInt).filter((offset) => !done.has(offset))));
          const now = new Set(open.filter(() => pick() % 2 === 0));
          kept = owner.with(now);
          owner.advance(kept, now);
          for (const offset of now) done.add(offset);
        }
        expect(kept).toEqual({ next: BigInt(offsets.at(-1) ?? 0) + 1n, above: [] });
      }),
    );
  });

  it('knows what an earlier owner did behind the one that was open, also when that comes by itself', () => {
    const owner = new Consumption({ next: 7n, above: [8n, 9n] });
    owner.offer(7n);
    const done = new Set([7n]);
    const kept = owner.with(done);
    expect(kept).toEqual({ next: 10n, above: [] });
    owner.advance(kept, done);
    expect([7n, 8n, 9n, 10n].map((offset) => owner.isDone(offset))).toEqual([true, true, true, false]);
    expect(owner.with(new Set())).toEqual(kept);
  });
});
