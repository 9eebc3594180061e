import type { RefusalCode } from '@ringfence/domain/refusals';
import type { AccountId, CallId, CommandId, IdSource } from '@ringfence/kernel/ids';
import type { Clock } from '@ringfence/kernel/clock';
import { Failure } from '@ringfence/kernel/failure';
import type { Timers } from '@ringfence/kernel/timers';
import { addDuration, durationMs } from '@ringfence/kernel/units';
import { getOrInsert } from '@ringfence/kernel/get-or-insert';
import type { CarrierSignal } from '@ringfence/ports/carrier/carrier';
import type { CommandDispatcher, SubmittedCommand } from '@ringfence/commands/command-dispatcher';
import { batchCommandsMax } from '@ringfence/lanes/lane-executor';

/**
 * The most signals waiting to be recorded. Beyond it `ringing` is dropped first; for dropped signals of other kinds the
 * end of the worker's lease makes up.
 */
const signalsWaitingMax = 300_000;
/**
 * The most calls of one account that report at once: a quarter of a batch, so that every batch has room for the
 * account's clients.
 */
const reportsPerAccountMax = batchCommandsMax / 4;
/**
 * The most attempts at a signal, about ten minutes; then the platform ends the call by its own clock. Not longer: by
 * then the lease of every call that was not extended has expired, and an account released from quarantine first decides
 * what has become due.
 */
export const reportTriesMax = 120;
/** Refusals that do not concern the call: its command was not decided, and may be later. */
const undecided: ReadonlySet<RefusalCode> = new Set(['deadline_passed', 'account_quarantined']);
const retryMsMin = 100;
const retryMsMax = 5_000;
const deadlineMs = durationMs(60_000);

type Reports = { inFlight: number; readonly ready: CallId[] };

type SignalRelayOptions = {
  readonly workerId: string;
  readonly dispatcher: CommandDispatcher;
  readonly ids: IdSource;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Called with the content of a signal that was given up: it is recorded nowhere else. */
  readonly onRetryableError: (cause: unknown) => void;
};

/**
 * Turns the signals of workers into commands: in order for each call, many calls concurrently, retried until the lane
 * has answered. A refusal is an answer (the platform knows already, or has newer information), unless the command was
 * not decided.
 */
export class ProgressReporter {
  readonly #waiting = new Map<CallId, CarrierSignal[]>();
  readonly #accounts = new Map<AccountId, Reports>();
  #signals = 0;
  #stopped = false;
  readonly #idle: (() => void)[] = [];

  constructor(private readonly options: SignalRelayOptions) {}

  get waiting(): number {
    return this.#signals;
  }

  report(signal: CarrierSignal): void {
    const roomMax = signal.signal.kind === 'ringing' ? signalsWaitingMax / 2 : signalsWaitingMax;
    if (this.#stopped || this.#signals >= roomMax) return;
    this.#signals += 1;
    const queue = this.#waiting.get(signal.callId);
    if (queue !== undefined) {
      queue.push(signal);
      return;
    }
    this.#waiting.set(signal.callId, [signal]);
    const reports = this.#reportsOf(signal.accountId);
    reports.ready.push(signal.callId);
    this.#pump(signal.accountId, reports);
  }

  /** Settles when every signal has been answered, or after `withinMs`. */
  async drained(withinMs: number): Promise<void> {
    if (this.#signals === 0) return;
    await new Promise<void>((resolve) => {
      const cancel = this.options.timers.after(withinMs, resolve);
      this.#idle.push(() => {
        cancel();
        resolve();
      });
    });
  }

  stop(): void {
    this.#stopped = true;
  }

  #reportsOf(accountId: AccountId): Reports {
    return getOrInsert(this.#accounts, accountId, () => ({ inFlight: 0, ready: [] }));
  }

  #pump(accountId: AccountId, reports: Reports): void {
    while (reports.inFlight < reportsPerAccountMax) {
      const callId = reports.ready.shift();
      if (callId === undefined) break;
      reports.inFlight += 1;
      void this.#reportAll(callId).then(() => {
        reports.inFlight -= 1;
        this.#pump(accountId, reports);
      });
    }
    if (reports.inFlight === 0 && reports.ready.length === 0) this.#accounts.delete(accountId);
  }

  async #reportAll(callId: CallId): Promise<void> {
    const queue = this.#waiting.get(callId) ?? [];
    for (let signal = queue[0]; signal !== undefined; signal = queue[0]) {
      await this.#reportWithRetry(signal);
      queue.shift();
      this.#signals -= 1;
    }
    this.#waiting.delete(callId);
    if (this.#signals === 0) for (const settle of this.#idle.splice(0)) settle();
  }

  async #reportWithRetry(signal: CarrierSignal): Promise<void> {
    let lastError = 'nothing';
    for (let attempt = 0; attempt < reportTriesMax && !this.#stopped; attempt += 1) {
      try {
        const outcome = await this.options.dispatcher.dispatch(this.#command(signal));
        if (outcome.accepted) return;
        const { code } = outcome.refusal;
        // Deferred until the account was released, and then too late: a timer had ended the call and charged nothing.
        if (!undecided.has(code)) {
          if (lastError === 'account_quarantined') this.#giveUp(signal, code);
          return;
        }
        lastError = code;
      } catch (error) {
        if (!(error instanceof Failure && error.retryable)) {
          this.options.onRetryableError(error);
          return;
        }
        lastError = error.code;
      }
      const ms = Math.min(retryMsMax, retryMsMin * 2 ** Math.min(attempt, 10));
      await new Promise<void>((resolve) => this.options.timers.after(ms, resolve));
    }
    if (!this.#stopped) this.#giveUp(signal, lastError);
  }

  #giveUp(signal: CarrierSignal, lastError: string): void {
    this.options.onRetryableError(notRecorded(signal, lastError));
  }

  #command({ accountId, callId, attemptId, signal }: CarrierSignal): SubmittedCommand {
    const commandId: CommandId = this.options.ids.commandId();
    return {
      commandId,
      idChosenByClient: false,
      fingerprint: noFingerprint,
      stream: accountId,
      principal: { kind: 'worker', workerId: this.options.workerId },
      payload: payloadOf({ accountId, callId, attemptId, signal }),
      result: {},
      deadlineMs: addDuration(this.options.clock.now(), deadlineMs),
      traceparent: null,
    };
  }
}

function payloadOf({ accountId, callId, attemptId, signal }: CarrierSignal): SubmittedCommand['payload'] {
  const of = { accountId, callId };
  switch (signal.kind) {
    case 'action_ended':
      return { type: 'RecordActionEnd', ...of, step: signal.step, outcome: signal.outcome, audioMs: signal.audioMs };
    case 'playback_ended': {
      const { operationId, outcome, audioMs } = signal;
      return { type: 'RecordPlaybackEnd', ...of, operationId, outcome, audioMs };
    }
    case 'ringing':
    case 'answered':
    case 'ended':
      return { type: 'RecordCallProgress', ...of, attemptId, signal };
  }
}

function notRecorded({ callId, signal }: CarrierSignal, lastError: string): Failure {
  return new Failure(
    'signal_not_recorded',
    `of call ${callId} it was not recorded that ${inWords(signal)}: ${lastError}`,
    false,
  );
}

function inWords(signal: CarrierSignal['signal']): string {
  switch (signal.kind) {
    case 'ended':
      return `it ended by ${signal.cause} after ${String(signal.talkTimeMs)} ms of talk`;
    case 'action_ended':
      return `action ${String(signal.step)} ${signal.outcome} after ${String(signal.audioMs)} ms of audio`;
    case 'playback_ended':
      return `playback ${signal.operationId} ${signal.outcome} after ${String(signal.audioMs)} ms of audio`;
    case 'ringing':
    case 'answered':
      return `it is ${signal.kind}`;
  }
}

/** Commands of workers are compared by the call's own state, not by their fields. */
const noFingerprint = new Uint8Array(32);
