import type { CommandDispatcher, SubmittedCommand } from '@ringfence/commands/command-dispatcher';
import type { RefusalCode } from '@ringfence/domain/refusals';
import type { Clock } from '@ringfence/kernel/clock';
import { isRetryable } from '@ringfence/kernel/failure';
import { type AccountId, type CommandId, platformStream, type SubjectId } from '@ringfence/kernel/ids';
import { withSameDigits } from '@ringfence/kernel/same-digits';
import { pause, type Timers } from '@ringfence/kernel/timers';
import { addDuration, durationMs } from '@ringfence/kernel/units';
import type { IncomingCall, RejectCause } from '@ringfence/ports/carrier/carrier';
import type { SubjectVault } from '@ringfence/ports/vault/subject-vault';
import type { AnsweringCarrier } from './answering-carrier.js';

/** The time in which an incoming call has to be answered once it is accepted; then the platform ends it. */
const ringTimeoutMs = durationMs(30_000);
/** Time for which the decision about an incoming call is awaited; by then the caller has little patience left. */
const decisionMsMax = durationMs(15_000);
/** The most incoming calls that wait for their decision; further ones are rejected at once. */
const undecidedMax = 10_000;
const retryMs = 250;

/** The accounts that have numbers, from a read model. */
export interface NumberOwners {
  /**
   * The account that the number is allocated to; undefined: none has it, as far as the read model has seen.
   * @param number subject of the platform
   * @throws Failure `database_unavailable` (retryable)
   */
  ownerOf(number: SubjectId): Promise<AccountId | undefined>;
}

type IncomingCallsParts = {
  readonly workerId: string;
  readonly carrier: Pick<AnsweringCarrier, 'reject'>;
  readonly dispatcher: CommandDispatcher;
  readonly vault: Pick<SubjectVault, 'seal' | 'find'>;
  readonly owners: NumberOwners;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly signal: AbortSignal;
  /** Called for a call that is rejected without an account's decision, which nothing else records. */
  readonly onUnallocated: (call: IncomingCall) => void;
  readonly onRetryableError: (cause: unknown) => void;
};

/**
 * Turns the incoming calls of carriers into commands of the accounts that have the called numbers. The carrier answers
 * an accepted call on the order of its event; a refused one is rejected here. All ids follow from the carrier's, so
 * that a signal that is repeated makes no second call.
 */
export class IncomingCalls {
  #undecided = 0;

  constructor(private readonly parts: IncomingCallsParts) {}

  /** Settles when the call is decided, and never rejects. */
  async receive(call: IncomingCall): Promise<void> {
    const { onRetryableError, signal } = this.parts;
    if (this.#undecided >= undecidedMax) return this.#reject(call, 'unavailable');
    this.#undecided += 1;
    try {
      const cause = await this.#decided(call);
      if (cause !== undefined && !signal.aborted) await this.#reject(call, cause);
    } catch (error) {
      onRetryableError(error);
      await this.#reject(call, 'unavailable');
    } finally {
      this.#undecided -= 1;
    }
  }

  /** @returns why the call is rejected; undefined: it is accepted */
  async #decided(call: IncomingCall): Promise<RejectCause | undefined> {
    const { timers, signal, onRetryableError } = this.parts;
    const untilMs = timers.monotonicMs() + decisionMsMax;
    while (!signal.aborted) {
      try {
        return await this.#decideOnce(call);
      } catch (error) {
        if (!isRetryable(error) || timers.monotonicMs() >= untilMs) throw error;
        onRetryableError(error);
      }
      await pause(timers, retryMs, signal);
    }
    return 'unavailable';
  }

  async #decideOnce(call: IncomingCall): Promise<RejectCause | undefined> {
    const { vault, owners, dispatcher, onUnallocated } = this.parts;
    const subject = await vault.find(platformStream, call.to);
    const accountId = subject === undefined ? undefined : await owners.ownerOf(subject);
    if (accountId === undefined) {
      onUnallocated(call);
      return 'unallocated';
    }
    const outcome = await dispatcher.dispatch(await this.#command(call, accountId));
    return outcome.accepted ? undefined : causeOf(outcome.refusal.code);
  }

  async #command({ attemptId, from, to }: IncomingCall, accountId: AccountId): Promise<SubmittedCommand> {
    const { vault, clock, workerId } = this.parts;
    const [sealedFrom, sealedTo] = await Promise.all([vault.seal(accountId, from), vault.seal(accountId, to)]);
    return {
      commandId: `incoming:${attemptId}` as CommandId,
      // An earlier signal of the same call may have led to it.
      idChosenByClient: true,
      fingerprint: noFingerprint,
      stream: accountId,
      principal: { kind: 'worker', workerId },
      payload: {
        type: 'ReceiveCall',
        accountId,
        callId: withSameDigits('cs', attemptId),
        legId: withSameDigits('cl', attemptId),
        attemptId,
        from: { clear: from, sealed: sealedFrom },
        to: { clear: to, sealed: sealedTo },
        ringTimeoutMs,
      },
      result: {},
      deadlineMs: addDuration(clock.now(), decisionMsMax),
      traceparent: null,
    };
  }

  async #reject({ attemptId }: IncomingCall, cause: RejectCause): Promise<void> {
    try {
      await this.parts.carrier.reject(attemptId, cause);
    } catch (error) {
      // The caller gives up in time.
      this.parts.onRetryableError(error);
    }
  }
}

const busy: ReadonlySet<RefusalCode> = new Set(['rate_limited', 'lines_exhausted', 'app_channels_exhausted']);
const unallocated: ReadonlySet<RefusalCode> = new Set(['number_unknown', 'number_not_assigned']);
const undecided: ReadonlySet<RefusalCode> = new Set(['deadline_passed', 'account_quarantined', 'overloaded']);

function causeOf(code: RefusalCode): RejectCause {
  if (busy.has(code)) return 'busy';
  if (unallocated.has(code)) return 'unallocated';
  return undecided.has(code) ? 'unavailable' : 'declined';
}

/** Commands of workers are compared by the call's own state, not by their fields. */
const noFingerprint = new Uint8Array(32);
