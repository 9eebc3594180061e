import type { TurnAwayCode } from '@ringfence/domain/rejections/rejection.events';
import { Failure } from '@ringfence/kernel/failure';
import { type AccountId, type KeyId, platformStream, type StreamId } from '@ringfence/kernel/ids';
import { type CancelTimer, pause, type Timers } from '@ringfence/kernel/timers';
import { durationMs } from '@ringfence/kernel/units';
import type { CommandDispatcher } from '@ringfence/commands/command-dispatcher';
import { type Reporter, rejectionReport } from '@ringfence/commands/rejection-report';

/** So often is the log told of what was turned away. */
export const reportEveryMs = 1_000;
/** Keys and reasons that are told apart at one time; those beyond are summed by their reason, as of no key, and the platform’s stream is told. */
export const distinctKeysMax = 256;
/** How long it may wait in its lane. Until it is decided, what comes of the same key and reason waits behind it, as one count. */
export const reportWithinMs = durationMs(10_000);
/** At a stop: how long the log is still told for. */
export const stopReportingMsMax = 2_000;

/** A key that was shown, and that the registry knows. */
export type ShownKey = {
  readonly keyId: KeyId;
  /** null: an operator's */
  readonly accountId: AccountId | null;
};
/** Of this the log was not told, nor will it be: of how many, and why. */
export type UnreportedCount = {
  readonly presentedKeyId: KeyId | null;
  readonly code: TurnAwayCode;
  readonly count: number;
  readonly why: unknown;
};
export type RejectedRequestCounterOptions = Reporter & {
  readonly dispatcher: CommandDispatcher;
  readonly timers: Timers;
  readonly onUnreported: (untold: UnreportedCount) => void;
};

/** Those of one key and reason. */
type Sum = {
  readonly stream: StreamId;
  readonly presentedKeyId: KeyId | null;
  readonly code: TurnAwayCode;
  /** Counted, and nobody told yet. */
  count: number;
  /** The telling that is under way; undefined: none is. */
  reporting: Promise<void> | undefined;
};

/**
 * What a gateway turns away by itself of keys that are known: counted in memory, and once a second told to the log, one command for each key and reason. A
 * request costs one count and waits for nothing. At most a second of counts is lost when the process is killed.
 */
export class RejectedRequestCounter {
  readonly #sums = new Map<string, Sum>();
  #toldApart = 0;
  #cancelReporting: CancelTimer | undefined;
  #stopped = false;

  constructor(private readonly options: RejectedRequestCounterOptions) {}

  count(key: ShownKey, code: TurnAwayCode): void {
    const sum = this.#sums.get(nameOf(key.keyId, code)) ?? this.#begin(key, code);
    sum.count += 1;
    this.#scheduleReport();
  }

  /** Tells what is counted, and no longer than for `stopTellingMsMax`. */
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

  #begin({ keyId, accountId }: ShownKey, code: TurnAwayCode): Sum {
    if (this.#toldApart < distinctKeysMax) {
      this.#toldApart += 1;
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
      // One at a time: who waits for a slow lane waits alone, as one count.
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
      // Its stream knows of it as an event, or among what it has counted.
      if (!outcome.accepted && outcome.refusal.code !== 'turning_away_counted')
        this.#giveUp(sum, count, outcome.refusal.code);
    } catch (failure) {
      // Nothing of it was decided, so that telling it again counts nothing twice.
      if (failure instanceof Failure && failure.code === 'overloaded' && !this.#stopped) sum.count += count;
      else this.#giveUp(sum, count, failure);
    }
  }

  async #reportTheRest(): Promise<void> {
    this.#reportAll();
    await this.#allReported();
    // What came while another was under way.
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
    if (presentedKeyId !== null) this.#toldApart -= 1;
  }
}

function nameOf(keyId: KeyId | null, code: TurnAwayCode): string {
  return `${keyId ?? ''}/${code}`;
}
