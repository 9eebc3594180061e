import { Failure } from '@ringfence/kernel/failure';

/** A queue was full. Fails at once, for this account only; nothing was decided. */
export class Overloaded extends Failure {
  constructor(readonly retryAfterMs: number) {
    super('overloaded', 'too many commands of this account wait to be decided; try again shortly', true);
  }
}

/** Failures of a dispatch. A refusal is not a failure. */
export const laneFailures = {
  overloaded: (retryAfterMs: number) => new Overloaded(retryAfterMs),
  /** Failure with an unknown outcome unless stated otherwise; retry with the same id. */
  lane_unavailable: (why: string, cause?: unknown) =>
    new Failure('lane_unavailable', `the command could not be decided now: ${why}`, true, { cause }),
  /** Failure of the lane's append, as reported to requesters. */
  not_written: (cause: unknown) =>
    cause instanceof Failure && cause.code === 'lane_unavailable'
      ? cause
      : laneFailures.lane_unavailable('the log could not be written', cause),
  /** Failure before any decision. */
  clock_stepped: () =>
    new Failure(
      'clock_stepped',
      'the clock of the machine was set, and nothing is decided until it is right again or has stayed so for ten seconds',
      true,
    ),
  outdated: (cause: unknown) =>
    laneFailures.lane_unavailable('a newer release has written to the log, and this process cannot read it', cause),
  idempotency_key_reused: () =>
    new Failure('idempotency_key_reused', 'this id belongs to an earlier command with other fields', false),
  /** Failure of a duplicate of a record in its lane. */
  not_accepted: () =>
    new Failure(
      'not_accepted',
      'this record is a copy of one that was not accepted, and is never decided by itself: to try again, sign or send the command again',
      false,
    ),
} as const;
