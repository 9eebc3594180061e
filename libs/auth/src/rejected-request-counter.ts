import type { RejectionCode } from '@ringfence/domain/rejections/rejection.events';
import { Failure } from '@ringfence/kernel/failure';
import { type AccountId, type KeyId, platformStream, type StreamId } from '@ringfence/kernel/ids';
import { type CancelTimer, pause, type Timers } from '@ringfence/kernel/timers';
import { durationMs } from '@ringfence/kernel/units';
import type { CommandDispatcher } from '@ringfence/commands/command-dispatcher';
import { type Reporter, rejectionReport } from '@ringfence/commands/rejection-report';

/** Interval at which rejected requests are reported to the log. */
export const reportEveryMs = 1_000;
/**
 * Distinct keys and reasons counted at the same time; further ones are counted by reason only, without a key, and
 * reported to the platform’s stream.
 */
export const distinctKeysMax = 256;
/** Time that a report may wait in its lane. Until it is decided, further requests of the key and reason are counted. */
export const reportWithinMs = durationMs(10_000);
/** Time for which reporting may go on after a stop. */
export const stopReportingMsMax = 2_000;

/** A presented key that the registry knows. */
export type ShownKey = {
  readonly keyId: KeyId;
  /** null: an operator's */
  readonly accountId: AccountId | null;
};
/** Number of rejections that will not be reported, with the reason. */
export type UnreportedCount = {
  readonly presentedKeyId: KeyId | null;
  readonly code: RejectionCode;
  readonly count: number;
  readonly why: unknown;
};
type RejectedRequestCounterOptions = Reporter & {
  readonly dispatcher: CommandDispatcher;
  readonly timers: Timers;
  readonly onUnreported: (unreported: UnreportedCount) => void;
};

/** The rejections of one key and reason. */
type Sum = {
  readonly stream: StreamId;
  readonly presentedKeyId: KeyId | null;
  readonly code: RejectionCode;
  /** Number counted and not yet reported. */
  count: number;
  /** The report in progress; undefined: none. */
  reporting: Promise<void> | undefined;
};

/**
 * Counts in memory the requests of known keys that the gateway itself rejects, and reports them to the log once a
 * second, one command per key and reason. A request costs one increment and waits for nothing. At most one second of
 * counts is lost when the process is killed.
 */
export class RejectedRequestCounter {
  readonly #sums = new Map<string, Sum>();
  #distinctKeys = 0;
  #cancelReporting: CancelTimer | undefined;
  #stopped = false;

  constructor(private readonly options: RejectedRequestCounterOptions) {}

  count(key: ShownKey, code: RejectionCode): void {
    const sum = this.#sums.get(nameOf(key.keyId, code)) ?? this.#begin(key, code);
    sum.count += 1;
    this.#scheduleReport();
  }

  /** Reports the remaining counts, for at most `stopReportingMsMax`. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelReporting?.();
    const done = new AbortController();
    await Promise.race([
      this.#reportTheRest().finally(() => {
        done.abort();
      }),
      pause(this.options.timers, stopReportingMsMax, done.signal),
    ]);
    for (const sum of this.#sums.values()) if (sum.count > 0) this.#giveUp(sum, sum.count, 'stopped');
  }

  #begin({ keyId, accountId }: ShownKey, code: RejectionCode): Sum {
    if (this.#distinctKeys < distinctKeysMax) {
      this.#distinctKeys += 1;
      return this.#add({ stream: accountId ?? platformStream, presentedKeyId: keyId, code });
    }
    return this.#sums.get(nameOf(null, code)) ?? this.#add({ stream: platformStream, presentedKeyId: null, code });
  }

  #add(alike: Pick<Sum, 'stream' | 'presentedKeyId' | 'code'>): Sum {
    const sum: Sum = { ...alike, count: 0, reporting: undefined };
    this.#sums.set(nameOf(alike.presentedKeyId, alike.code), sum);
    return sum;
  }

  #scheduleReport(): void {
    if (this.#stopped) return;
    this.#cancelReporting ??= this.options.timers.after(reportEveryMs, () => {
      this.#cancelReporting = undefined;
      this.#reportAll();
    });
  }

  #reportAll(): void {
    for (const sum of this.#sums.values()) {
      // One report at a time: while the lane is slow, further rejections accumulate in one count.
      if (sum.count === 0 || sum.reporting !== undefined) continue;
      sum.reporting = this.#report(sum).finally(() => {
        sum.reporting = undefined;
        if (sum.count > 0) this.#scheduleReport();
        else this.#forget(sum);
      });
    }
  }

  async #report(sum: Sum): Promise<void> {
    const { count } = sum;
    sum.count = 0;
    try {
      const outcome = await this.options.dispatcher.dispatch(
        rejectionReport({ ...sum, commandType: null, count }, this.options, reportWithinMs),
      );
      // The stream has recorded it as an event or in its own count.
      if (!outcome.accepted && outcome.refusal.code !== 'turning_away_counted')
        this.#giveUp(sum, count, outcome.refusal.code);
    } catch (failure) {
      // Nothing was decided, so a second report does not count twice.
      if (failure instanceof Failure && failure.code === 'overloaded' && !this.#stopped) sum.count += count;
      else this.#giveUp(sum, count, failure);
    }
  }

  async #reportTheRest(): Promise<void> {
    this.#reportAll();
    await this.#allReported();
    // Rejections that arrived while another report was in progress.
    this.#reportAll();
    await this.#allReported();
  }

  async #allReported(): Promise<void> {
    await Promise.all([...this.#sums.values()].flatMap(({ reporting }) => reporting ?? []));
  }

  #giveUp({ presentedKeyId, code }: Sum, count: number, why: unknown): void {
    this.options.onUnreported({ presentedKeyId, code, count, why });
  }

  #forget({ presentedKeyId, code }: Sum): void {
    this.#sums.delete(nameOf(presentedKeyId, code));
    if (presentedKeyId !== null) this.#distinctKeys -= 1;
  }
}

function nameOf(keyId: KeyId | null, code: RejectionCode): string {
  return `${keyId ?? ''}/${code}`;
}
