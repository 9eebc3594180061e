import type { Timers } from '@ringfence/kernel/timers';

/** The longest delay that Node's timers support. */
const delayMsMax = 2_147_483_647;

/** The machine's own timers. */
export const systemTimers: Timers = {
  monotonicMs: () => performance.now(),
  after(delayMs, action) {
    const timer = setTimeout(action, Math.min(delayMsMax, Math.max(0, Math.ceil(delayMs))));
    timer.unref();
    return () => {
      clearTimeout(timer);
    };
  },
  soon(action) {
    setImmediate(action);
  },
};
