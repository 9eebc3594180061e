import { clockStepsMs } from '@ringfence/testing/settable-clock';
import { SeededRandom } from '@ringfence/testing/seeded-random';

/** Every kind of fault; a run without one of them proves too little. */
export const faultKinds = [
  'kill',
  'pause',
  'broker_kill',
  'open_transaction',
  'database_restart',
  'decider_added',
  'decider_removed',
  'clock_step',
] as const;

/** A planned fault. `atMs`: from the beginning of the faults. */
export type ScheduledFault = { readonly atMs: number } & (
  | { readonly kind: 'kill'; readonly process: string }
  /**
   * A process is paused and resumed: for longer than a group waits for a member, so that its lanes have moved
   * meanwhile.
   */
  | { readonly kind: 'pause'; readonly process: string; readonly forMs: number }
  | { readonly kind: 'broker_kill'; readonly downMs: number }
  /**
   * A producer writes to every lane in a transaction and leaves it open, for longer than a group waits for a member.
   */
  | { readonly kind: 'open_transaction'; readonly forMs: number; readonly end: 'commit' | 'abort' }
  /** The database is restarted. `crash`: as in a power cut, which only the disk's own guarantees survive. */
  | { readonly kind: 'database_restart'; readonly how: 'stop' | 'crash'; readonly downMs: number }
  | { readonly kind: 'decider_added' | 'decider_removed'; readonly process: string }
  /**
   * The clock of a process's machine is set, and set right after a while. Some of these steps last so long that the
   * process has adopted them by then.
   */
  | { readonly kind: 'clock_step'; readonly process: string; readonly byMs: number; readonly forMs: number }
);

const pauseMs = 10_000;
/** The decider that is added and removed. */
const extraDecider = 'decider-3';
/** The shortest time with room for one fault of each kind. */
export const faultsMsMin = 90_000;

const deciders = ['decider-1', 'decider-2'];
const gateways = ['gateway-1', 'gateway-2'];
const projectors = ['projector-1', 'projector-2'];
const carrier = 'carrier-1';
/** Shortest pause between two faults; with it, all cards are dealt within the shortest time. */
const gapMsMin = 5_000;
const gapMsMax = 6_400;
const clockStepMsMin = 2_000;
const clockStepMsMax = 14_000;

/**
 * Plans the faults, which are determined by the seed.
 * @throws RangeError if there is no room for one fault of each kind
 */
export function scheduleOf(seed: number, forMs: number): readonly ScheduledFault[] {
  if (forMs < faultsMsMin)
    throw new RangeError(`faults need at least ${String(faultsMsMin)} ms to happen once each, not ${String(forMs)}`);
  const random = new SeededRandom(seed);
  const faults: ScheduledFault[] = [];
  let extra = false;
  for (let atMs = random.between(gapMsMin, gapMsMax), deck = shuffled(cards, random); atMs < forMs;) {
    const [card, ...rest] = deck;
    deck = rest.length > 0 ? rest : shuffled(cards, random);
    if (card === undefined) continue;
    const fault = card(random, extra);
    if (fault.kind === 'decider_added') extra = true;
    if (fault.kind === 'decider_removed') extra = false;
    faults.push({ ...fault, atMs });
    atMs += random.between(gapMsMin, gapMsMax);
  }
  return faults;
}

/** Describes each fault in one line, for people. */
export function describeFault(fault: ScheduledFault): string {
  const { kind, atMs } = fault;
  const what = 'process' in fault ? fault.process : '';
  return [`${String(atMs).padStart(7)} ms`, kind, what, howOf(fault)].filter((part) => part !== '').join(' ');
}

function howOf(fault: ScheduledFault): string {
  if (fault.kind === 'database_restart') return `(${fault.how})`;
  const by = fault.kind === 'clock_step' ? `by ${String(fault.byMs)} ms ` : '';
  return 'forMs' in fault ? `${by}for ${String(fault.forMs)} ms` : '';
}

type Unplaced<Of = ScheduledFault> = Of extends ScheduledFault ? Omit<Of, 'atMs'> : never;
type Card = (random: SeededRandom, extra: boolean) => Unplaced;

const kill =
  (...names: readonly string[]): Card =>
  (random) => ({ kind: 'kill', process: random.oneOf(names) });
const pause =
  (...names: readonly string[]): Card =>
  (random) => ({ kind: 'pause', process: random.oneOf(names), forMs: pauseMs });
const killBroker: Card = (random) => ({ kind: 'broker_kill', downMs: random.between(0, 2_000) });
const openTransaction: Card = (random) => ({
  kind: 'open_transaction',
  forMs: random.between(pauseMs, 2 * pauseMs),
  end: random.oneOf(['commit', 'abort']),
});
const restartDatabase: Card = (random) => ({
  kind: 'database_restart',
  how: random.oneOf(['stop', 'crash']),
  downMs: random.between(0, 2_000),
});
const stepClock =
  (...names: readonly string[]): Card =>
  (random) => ({
    kind: 'clock_step',
    process: random.oneOf(names),
    byMs: random.oneOf(clockStepsMs),
    forMs: random.between(clockStepMsMin, clockStepMsMax),
  });
/** Adds the extra decider if it is not there, and removes it otherwise. */
const addOrRemove: Card = (_random, extra) => ({
  kind: extra ? 'decider_removed' : 'decider_added',
  process: extraDecider,
});

/** Faults, dealt one after the other in an order that depends on the seed; then again. */
const cards: readonly Card[] = [
  kill(...deciders),
  kill(...gateways),
  kill(...projectors),
  kill(carrier),
  pause(...deciders),
  pause(...deciders),
  pause(...gateways, ...projectors, carrier),
  killBroker,
  openTransaction,
  restartDatabase,
  addOrRemove,
  addOrRemove,
  stepClock(...deciders),
  stepClock(...gateways, carrier),
];

function shuffled<Value>(values: readonly Value[], random: SeededRandom): readonly Value[] {
  const left = [...values];
  return values.flatMap(() => left.splice(random.below(left.length), 1));
}
