import type { CallSignal } from '@ringfence/domain/calls/call.commands';

type EndCause = Extract<CallSignal, { kind: 'ended' }>['cause'];

/**
 * Behaviour of the far end of a sandbox call. Times are in simulated milliseconds, from the dial or, for talk, from the
 * answer.
 */
export type Timeline =
  | { readonly kind: 'fails'; readonly afterMs: number; readonly cause: EndCause }
  | {
      readonly kind: 'rings';
      readonly ringingAfterMs: number;
      /** null: it rings until it is hung up. */
      readonly then:
        | { readonly kind: 'answers'; readonly afterMs: number; readonly calleeTalksForMs: number | null }
        | { readonly kind: 'gives_up'; readonly afterMs: number; readonly cause: EndCause }
        | null;
    };

type SandboxNumber = {
  /** Pattern as in the documentation; `nnn` are digits. */
  readonly pattern: string;
  /** Description of the behaviour. */
  readonly does: string;
  readonly matches: RegExp;
  readonly timeline: (digits: string) => Timeline;
};

const second = 1_000;
const ringingAfterMs = 100;
const failsWith = (cause: EndCause) => () => ({ kind: 'fails', afterMs: 200, cause }) as const;
const answers = (afterMs: number, calleeTalksForMs: number | null): Timeline => ({
  kind: 'rings',
  ringingAfterMs: Math.min(ringingAfterMs, afterMs),
  then: { kind: 'answers', afterMs, calleeTalksForMs },
});
/** The last three digits, as seconds. */
const secondsIn = (digits: string) => Number.parseInt(digits.slice(-3), 10) * second;

const pressingNumber = /^\+15005553\d{3}$/;

/** The sandbox's numbers, defined here alone. The documentation is compared with them. */
export const sandboxNumbers: readonly SandboxNumber[] = [
  {
    pattern: '+15005550000',
    does: 'answers after 1 s; the callee hangs up after 10 s of talk',
    matches: /^\+15005550000$/,
    timeline: () => answers(second, 10 * second),
  },
  {
    pattern: '+15005550001',
    does: 'is an invalid number',
    matches: /^\+15005550001$/,
    timeline: failsWith('invalid_number'),
  },
  {
    pattern: '+15005550002',
    does: 'is unreachable',
    matches: /^\+15005550002$/,
    timeline: failsWith('unreachable'),
  },
  { pattern: '+15005550003', does: 'is busy', matches: /^\+15005550003$/, timeline: failsWith('busy') },
  {
    pattern: '+15005550004',
    does: 'rings for 30 s and is not answered',
    matches: /^\+15005550004$/,
    timeline: () => ({
      kind: 'rings',
      ringingAfterMs,
      then: { kind: 'gives_up', afterMs: 30 * second, cause: 'no_answer' },
    }),
  },
  {
    pattern: '+15005550005',
    does: 'meets a failure of the carrier',
    matches: /^\+15005550005$/,
    timeline: failsWith('carrier_failure'),
  },
  {
    pattern: '+15005550006',
    does: 'rings for ever, until the ring timeout or a hang-up',
    matches: /^\+15005550006$/,
    timeline: () => ({ kind: 'rings', ringingAfterMs, then: null }),
  },
  {
    pattern: '+15005551nnn',
    does: 'answers after nnn s, then talks until it is hung up',
    matches: /^\+15005551\d{3}$/,
    timeline: (digits) => answers(secondsIn(digits), null),
  },
  {
    pattern: '+15005552nnn',
    does: 'answers after 1 s; the callee hangs up after nnn s of talk',
    matches: /^\+15005552\d{3}$/,
    timeline: (digits) => answers(second, secondsIn(digits)),
  },
  {
    pattern: '+15005553nnn',
    does: 'answers after 1 s, presses nnn and then # at each gather, and talks until it is hung up',
    matches: pressingNumber,
    timeline: () => answers(second, null),
  },
  {
    pattern: 'every other number',
    does: 'answers after 2 s; the callee hangs up after 30 s of talk',
    matches: /^/,
    timeline: () => answers(2 * second, 30 * second),
  },
];

/** @param to E.164 */
export function timelineOf(to: string): Timeline {
  const number = sandboxNumbers.find(({ matches }) => matches.test(to));
  return number === undefined ? answers(2 * second, 30 * second) : number.timeline(to);
}

/** The keys that the party presses at each gather. */
export function keysOf(to: string): string {
  return pressingNumber.test(to) ? `${to.slice(-3)}#` : '';
}
