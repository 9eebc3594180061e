import type { CallId, KeyId } from '@ringfence/kernel/ids';
import type { EpochMs } from '@ringfence/kernel/units';
import type { AccountState } from './account-state.js';

/** Subject of each kind of timer. */
type Subjects = {
  readonly call: { readonly callId: CallId };
  readonly overlap: { readonly keyId: KeyId };
  readonly revoked: { readonly keyId: KeyId };
  readonly suspended: unknown;
  readonly refusals: { readonly name: string };
  readonly turned_away: { readonly name: string };
};
export type TimerName = keyof Subjects;
export type TimerOf<Kind extends TimerName> = {
  readonly [Each in Kind]: { readonly kind: Each } & Subjects[Each];
}[Kind];
/** A timer of an account: of a call, of a key, or of a count. */
export type Timer = TimerOf<TimerName>;

/** A name that no other timer of the account has. */
export function timerName(timer: Timer): string {
  switch (timer.kind) {
    case 'call':
      return `call ${timer.callId}`;
    case 'overlap':
    case 'revoked':
      return `${timer.kind} ${timer.keyId}`;
    case 'refusals':
    case 'turned_away':
      return `${timer.kind} ${timer.name}`;
    case 'suspended':
      return timer.kind;
  }
}

/** Schedule of one kind of timer, derived from the state alone, so that timers need no cancelling. */
export type TimerKind<Kind extends TimerName> = {
  /** Every timer of this kind that the state can have, due or not. */
  readonly all: (state: AccountState) => Iterable<TimerOf<Kind>>;
  /** null: the timer is never due. */
  readonly dueMs: (state: AccountState, timer: TimerOf<Kind>) => EpochMs | null;
  /**
   * Beginning of the wait that the timer ends, for waits in real time, however slowly timestamps advanced meanwhile.
   * Missing or null: only timestamps count.
   */
  readonly waitsSince?: (state: AccountState, timer: TimerOf<Kind>) => EpochMs | null;
};

export function* namesIn<Kind extends 'refusals' | 'turned_away'>(
  sums: { readonly keys: () => Iterable<string> },
  kind: Kind,
): Iterable<{ readonly kind: Kind; readonly name: string }> {
  for (const name of sums.keys()) yield { kind, name };
}
