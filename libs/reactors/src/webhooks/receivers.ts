import { getOrInsert } from '@ringfence/kernel/get-or-insert';

/** Attempts at the same time at one receiver that takes them. */
export const receiverAttemptsMax = 16;
const attemptsAtFirst = 2;
/** Failures in a row after which a receiver is left alone. */
const failuresMax = 5;
const openMsMin = 1_000;
const openMsMax = 60_000;

type Receiver = {
  underWay: number;
  allowed: number;
  failures: number;
  /** Moment of the monotonic clock. */
  openUntilMs: number;
};

/**
 * The receivers with their bounds: a receiver is an origin of one account and mode. One that takes deliveries may take
 * more at the same time, up to `receiverAttemptsMax`; one that fails takes one at a time; after `failuresMax` failures
 * in a row its circuit opens, for longer each time, and then one attempt tries it.
 */
export class Receivers {
  readonly #all = new Map<string, Receiver>();

  /** @param random a number from 0 up to 1 */
  constructor(private readonly random: () => number) {}

  /** Receivers that take nothing more now. */
  busy(nowMs: number): readonly string[] {
    return [...this.#all].flatMap(([name, receiver]) => (roomOf(receiver, nowMs) === 0 ? [name] : []));
  }

  /** @returns false: the receiver has no room */
  begin(name: string, nowMs: number): boolean {
    const receiver = getOrInsert(this.#all, name, () => ({
      underWay: 0,
      allowed: attemptsAtFirst,
      failures: 0,
      openUntilMs: 0,
    }));
    if (roomOf(receiver, nowMs) === 0) return false;
    receiver.underWay += 1;
    return true;
  }

  end(name: string, wasTaken: boolean, nowMs: number): void {
    const receiver = this.#all.get(name);
    if (receiver === undefined) return;
    receiver.underWay -= 1;
    if (wasTaken) {
      receiver.failures = 0;
      receiver.allowed = Math.min(receiverAttemptsMax, receiver.allowed * 2);
    } else {
      receiver.failures += 1;
      receiver.allowed = 1;
      const over = receiver.failures - failuresMax;
      if (over >= 0) receiver.openUntilMs = nowMs + this.#openMs(over);
    }
    // A receiver like one that was never seen needs no entry.
    if (receiver.underWay === 0 && receiver.failures === 0) this.#all.delete(name);
  }

  #openMs(times: number): number {
    const ms = Math.min(openMsMax, openMsMin * 2 ** Math.min(times, 16));
    return ms / 2 + (ms / 2) * this.random();
  }
}

function roomOf({ underWay, allowed, openUntilMs }: Receiver, nowMs: number): number {
  return nowMs < openUntilMs ? 0 : Math.max(0, allowed - underWay);
}
