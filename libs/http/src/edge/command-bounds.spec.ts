import { beforeEach, describe, expect, it } from '@jest/globals';
import { CommandBounds, commandLimits } from './command-bounds.js';
import { lookEveryMs } from './loop-lateness.js';

const { answeredWithinMs, inFlightMin, inFlightMax, inFlightUnmeasured, forgottenAfterMs } = commandLimits;
let nowMs: number;
let bounds: CommandBounds;
/** The timer that looks how late the event loop is. */
let look: () => void;

beforeEach(() => {
  nowMs = 0;
  look = () => undefined;
  bounds = new CommandBounds({
    monotonicMs: () => nowMs,
    after: (_delayMs, action) => {
      look = action;
      return () => undefined;
    },
  });
});

function begin(account = 'flood', isUrgent = false): (() => void) | undefined {
  return bounds.begin(account, isUrgent);
}

function fill(count: number, account?: string): (() => void)[] {
  return Array.from({ length: count }, () => begin(account)).filter((end) => end !== undefined);
}

/** A machine that answers so many commands a second, in the order of their arrival, in batches. */
class Machine {
  readonly #waiting: { readonly end: () => void; readonly begunAtMs: number }[] = [];
  readonly tookMs: number[] = [];
  refused = 0;
  #answerable = 0;

  constructor(public perSecond: number) {}

  /** Lets `arriving` commands a second arrive for a while. */
  run(arriving: number, forMs: number): void {
    let due = 0;
    for (const untilMs = nowMs + forMs; nowMs < untilMs;) {
      nowMs += 10;
      for (due += arriving / 100; due >= 1; due -= 1) this.#arrive();
      this.#answerable = Math.min(this.#answerable + this.perSecond / 100, Math.max(this.#waiting.length, 1));
      for (; this.#answerable >= 1 && this.#waiting.length > 0; this.#answerable -= 1) this.#answer();
    }
  }

  /** The longest time of an answer since the last question. */
  slowestMs(): number {
    return Math.max(...this.tookMs.splice(0));
  }

  #arrive(): void {
    const end = begin();
    if (end === undefined) this.refused += 1;
    else this.#waiting.push({ end, begunAtMs: nowMs });
  }

  #answer(): void {
    const first = this.#waiting.shift();
    if (first === undefined) return;
    first.end();
    this.tookMs.push(nowMs - first.begunAtMs);
  }
}

describe('commands in flight', () => {
  it('are all admitted where they are answered as fast as they arrive', () => {
    const machine = new Machine(500);
    machine.run(490, 20_000);
    expect(machine.refused).toBe(0);
  });

  it.each([100, 300, 1_000, 3_000].flatMap((perSecond) => [1.5, 3, 10].map((factor) => [perSecond, factor] as const)))(
    'are answered soon on a machine that answers %i a second when %d times as many arrive, and none of its time is lost',
    (perSecond, factor) => {
      const machine = new Machine(perSecond);
      // Those that were admitted before the pace was known take their time.
      machine.run(factor * perSecond, (1_100 * inFlightUnmeasured) / perSecond + 1_000);
      machine.slowestMs();
      machine.run(factor * perSecond, 4_000);
      expect(machine.tookMs.length).toBeGreaterThan(0.98 * 4 * perSecond);
      expect(machine.slowestMs()).toBeLessThanOrEqual(1.6 * answeredWithinMs);
      expect(machine.refused).toBeGreaterThan(0);
    },
  );

  it('are fewer as soon as the machine is slower, and as many as before when it is fast again', () => {
    const machine = new Machine(3_000);
    machine.run(6_000, 5_000);
    const before = bounds.limit;
    machine.perSecond = 300;
    machine.run(6_000, 10_000);
    machine.slowestMs();
    machine.run(6_000, 5_000);
    expect(machine.slowestMs()).toBeLessThanOrEqual(1.6 * answeredWithinMs);
    machine.perSecond = 3_000;
    machine.run(6_000, 5_000);
    expect(bounds.limit).toBeGreaterThan(0.9 * before);
  });

  it('may be as many as wait for one lane on the fastest machine, and no more', () => {
    const machine = new Machine(100_000);
    machine.run(200_000, 2_000);
    expect(bounds.limit).toBe(inFlightMax);
  });

  it('are never fewer than a few, after however long a standstill', () => {
    const ends = fill(inFlightUnmeasured);
    nowMs += 60_000;
    for (const end of ends) end();
    nowMs += 1_000;
    for (const end of fill(inFlightMin)) end();
    expect(bounds.limit).toBe(inFlightMin);
    expect(fill(inFlightUnmeasured)).toHaveLength(inFlightMin);
  });

  it('may be many again when a measured pace is long ago', () => {
    const machine = new Machine(100);
    machine.run(1_000, 5_000);
    machine.run(0, 2_000);
    expect(bounds.limit).toBeLessThan(2 * inFlightMin);
    nowMs += forgottenAfterMs + 1;
    expect(fill(2 * inFlightUnmeasured)).toHaveLength(inFlightUnmeasured);
  });

  it('are not refused after standstills, however many, where the machine makes up for them', () => {
    const machine = new Machine(3_000);
    for (let at = 0; at < 20; at += 1) {
      machine.run(300, 2_000);
      machine.perSecond = 0;
      machine.run(300, 1_200);
      machine.perSecond = 3_000;
    }
    expect(machine.refused).toBe(0);
  });

  it('say nothing about the pace while they are so few that they wait for nothing but a commit', () => {
    for (let at = 0; at < 1_000; at += 1) {
      const ends = fill(inFlightMin - 1);
      nowMs += 200;
      for (const end of ends) end();
    }
    expect(bounds.limit).toBe(inFlightUnmeasured);
  });
});

describe('where as many are in flight as can be answered in time', () => {
  it('one more is refused, and one for each that is answered is admitted', () => {
    const ends = fill(inFlightUnmeasured);
    expect(begin()).toBeUndefined();
    ends[0]?.();
    expect([begin() !== undefined, begin()]).toEqual([true, undefined]);
  });

  it('another account has its part of them nevertheless, and no more', () => {
    fill(inFlightUnmeasured);
    expect(fill(1_000, 'neighbour')).toHaveLength(inFlightUnmeasured / 2);
    expect(fill(1_000, 'third')).toHaveLength(Math.floor(inFlightUnmeasured / 3));
  });

  it('an account that has none gets none where there are more accounts than commands', () => {
    for (let at = 0; at < 2 * inFlightUnmeasured; at += 1) fill(1, `account ${String(at)}`);
    expect(begin('one more')).toBeUndefined();
  });

  it('there is room again for each that is answered', () => {
    const ends = fill(inFlightUnmeasured);
    expect([bounds.isFullFor('flood'), bounds.isFullFor('neighbour')]).toEqual([true, false]);
    ends[0]?.();
    expect(bounds.isFullFor('flood')).toBe(false);
  });

  it('one that ends or takes away something is admitted', () => {
    fill(inFlightUnmeasured);
    expect(begin('flood', true)).toBeDefined();
    expect(begin()).toBeUndefined();
  });
});

describe('where the event loop is late', () => {
  /** Lets a turn of the loop take so much longer than planned. */
  function late(byMs: number): void {
    nowMs += lookEveryMs + byMs;
    look();
  }

  it('as many fewer are admitted as are answered in the time that requests have waited already', () => {
    fill(inFlightMin);
    late(answeredWithinMs / 4);
    expect(inFlightMin + fill(inFlightUnmeasured).length).toBe((inFlightUnmeasured * 3) / 4);
    late(0);
    expect(fill(inFlightUnmeasured)).toHaveLength(inFlightUnmeasured / 4);
  });

  it('half as many are admitted nevertheless', () => {
    const ends = fill(inFlightMin);
    late(60_000);
    expect(inFlightMin + fill(inFlightUnmeasured).length).toBe(inFlightUnmeasured / 2);
    ends[0]?.();
    expect([begin() !== undefined, begin()]).toEqual([true, undefined]);
  });

  it('and few are in flight, that is no reason to refuse any', () => {
    const [end] = fill(inFlightMin);
    end?.();
    late(60_000);
    expect(fill(inFlightUnmeasured)).toHaveLength(inFlightUnmeasured - inFlightMin + 1);
  });
});
