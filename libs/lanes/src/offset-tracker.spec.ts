import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { laneTransactionsMax } from '@ringfence/ports/log/event-store';
import { OffsetTracker } from './offset-tracker.js';

describe('what is consumed of a lane', () => {
  it('is never more than what was done, and all of it once everything is', () => {
    const messages = fc.uniqueArray(fc.nat(60), { minLength: 1 }).map((offsets) => offsets.sort((a, b) => a - b));
    fc.assert(
      fc.property(messages, fc.infiniteStream(fc.nat()), fc.nat(60), (offsets, picks, crashAfter) => {
        const pick = () => Number(picks.next().value);
        let owner = new OffsetTracker(null);
        const done = new Set<bigint>();
        let kept = owner.afterCompleting(new Set());
        for (let round = 0; done.size < offsets.length; round += 1) {
          if (round === crashAfter) owner = new OffsetTracker(kept);
          const open = offsets.map(BigInt).filter((offset) => {
            owner.track(offset);
            return !owner.isDone(offset);
          });
          // What the log says is done, was; what was, is not asked for again.
          expect(new Set(open)).toEqual(new Set(offsets.map(BigInt).filter((offset) => !done.has(offset))));
          const now = new Set(open.filter(() => pick() % 2 === 0));
          kept = owner.afterCompleting(now);
          owner.advance(kept, now);
          for (const offset of now) done.add(offset);
        }
        expect(kept).toEqual({ next: BigInt(offsets.at(-1) ?? 0) + 1n, above: [], transactions: [] });
      }),
    );
  });

  it('knows what an earlier owner did behind the one that was open, also when that comes by itself', () => {
    const owner = new OffsetTracker({ next: 7n, above: [8n, 9n], transactions: [] });
    owner.track(7n);
    const done = new Set([7n]);
    const kept = owner.afterCompleting(done);
    expect(kept).toEqual({ next: 10n, above: [], transactions: [] });
    owner.advance(kept, done);
    expect([7n, 8n, 9n, 10n].map((offset) => owner.isDone(offset))).toEqual([true, true, true, false]);
    expect(owner.afterCompleting(new Set())).toEqual(kept);
  });

  describe('with transactions', () => {
    const open = { producer: 1n, first: 5n, end: null };

    it('goes on behind an open one, and says where it begins', () => {
      const owner = new OffsetTracker({ next: 5n, above: [], transactions: [] });
      expect(owner.keep(1n, 5n)).toBe(true);
      for (const offset of [5n, 6n]) owner.track(offset);
      const kept = owner.afterCompleting(new Set([5n, 6n]));
      expect(kept).toEqual({ next: 7n, above: [], transactions: [open] });
    });

    it('says so also of one that begins behind a message that is not done with', () => {
      const owner = new OffsetTracker({ next: 4n, above: [], transactions: [] });
      owner.keep(1n, 5n);
      for (const offset of [4n, 5n]) owner.track(offset);
      expect(owner.afterCompleting(new Set([5n]))).toEqual({ next: 4n, above: [5n], transactions: [open] });
    });

    it('keeps one that was committed until its records are done with, and drops one that was aborted', () => {
      const owner = new OffsetTracker({ next: 7n, above: [], transactions: [open, { ...open, producer: 2n }] });
      owner.end(1n, 7n, true);
      owner.end(2n, 8n, false);
      for (const offset of [7n, 8n]) owner.track(offset);
      const done = new Set([7n, 8n]);
      const kept = owner.afterCompleting(done);
      expect(kept).toEqual({ next: 9n, above: [], transactions: [{ ...open, end: 7n }] });
      owner.advance(kept, done);
      expect(owner.committed).toEqual([{ ...open, end: 7n }]);
      owner.forget({ ...open, end: 7n });
      expect(owner.afterCompleting(new Set())).toEqual({ next: 9n, above: [], transactions: [] });
    });

    it('distinguishes two of one producer', () => {
      const owner = new OffsetTracker({ next: 5n, above: [], transactions: [] });
      owner.keep(1n, 5n);
      owner.end(1n, 6n, true);
      owner.keep(1n, 7n);
      expect(owner.transactions).toEqual([
        { ...open, end: 6n },
        { ...open, first: 7n },
      ]);
      owner.end(1n, 9n, true);
      expect(owner.committed.map(({ end }) => end)).toEqual([6n, 9n]);
    });

    it('is changed by nothing that comes again', () => {
      const owner = new OffsetTracker({ next: 5n, above: [], transactions: [] });
      for (const _time of [1, 2]) {
        owner.keep(1n, 5n);
        owner.keep(1n, 6n);
        owner.end(1n, 7n, true);
        owner.keep(2n, 8n);
        owner.end(2n, 9n, false);
        for (const offset of [5n, 6n, 7n, 8n, 9n]) owner.track(offset);
      }
      expect(owner.transactions).toEqual([{ ...open, end: 7n }]);
    });

    it('knows those of an earlier owner, whose marker comes to its successor', () => {
      const successor = new OffsetTracker({ next: 6n, above: [8n], transactions: [open] });
      successor.end(1n, 9n, true);
      expect(successor.committed).toEqual([{ ...open, end: 9n }]);
      const later = new OffsetTracker({ next: 6n, above: [8n, 9n], transactions: [{ ...open, end: 9n }] });
      // What the predecessor had noted comes again, some way before what is open.
      later.keep(1n, 5n);
      later.end(1n, 9n, true);
      expect(later.transactions).toEqual([{ ...open, end: 9n }]);
    });

    it('follows so many at once and no more', () => {
      const owner = new OffsetTracker(null);
      for (let producer = 0n; producer < laneTransactionsMax; producer += 1n)
        expect(owner.keep(producer, producer)).toBe(true);
      expect(owner.keep(-7n, 1_000n)).toBe(false);
      expect(owner.keep(3n, 1_001n)).toBe(true);
      owner.end(3n, 1_002n, false);
      expect(owner.keep(-7n, 1_003n)).toBe(true);
    });
  });
});
