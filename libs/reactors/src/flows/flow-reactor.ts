import type { CommandDispatcher, SubmittedCommand } from '@ringfence/commands/command-dispatcher';
import type { CallFlowRequested } from '@ringfence/domain/calls/call-flow.events';
import type { FlowReply } from '@ringfence/domain/calls/call.commands';
import { replyMsMax } from '@ringfence/domain/flows/flow-machine';
import type { RefusalCode } from '@ringfence/domain/refusals';
import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import type { Clock } from '@ringfence/kernel/clock';
import { isRetryable } from '@ringfence/kernel/failure';
import type { CallId, IdSource } from '@ringfence/kernel/ids';
import { pause } from '@ringfence/kernel/timers';
import { addDuration, durationMs, elapsedMs, type Position } from '@ringfence/kernel/units';
import type { ReactorLease } from '@ringfence/ports/checkpoints/reactor-checkpoints';
import type { OutboundClient } from '@ringfence/ports/outbound/outbound-client';
import type { SubjectVault } from '@ringfence/ports/vault/subject-vault';
import { followLog, type LogPage } from '../log-follower.js';
import type { LogReactorParts } from '../log-reactor.js';
import { requestFlow } from './flow-request.js';
import { RequestQueue } from './request-queue.js';

const reactorName = 'flows';
/** The longest lag of the checkpoint: what is read twice is requested only if it has no reply. */
const checkpointEveryMs = 1_000;
const retryMsMin = 100;
const retryMsMax = 5_000;
/** Refusals that do not concern the flow: its command was not decided, and may be later. */
const undecided: ReadonlySet<RefusalCode> = new Set(['deadline_passed', 'account_quarantined', 'overloaded']);

type Followed =
  'CallFlowRequested' | 'CallFlowReplied' | 'CallFlowFailed' | 'CallHangUpRequested' | 'CallCompleted' | 'CallFailed';
const types: ReadonlySet<Followed> = new Set([
  'CallFlowRequested',
  'CallFlowReplied',
  'CallFlowFailed',
  'CallHangUpRequested',
  'CallCompleted',
  'CallFailed',
]);

type FlowReactorParts = LogReactorParts & {
  readonly vault: SubjectVault;
  readonly outbound: OutboundClient;
  readonly dispatcher: CommandDispatcher;
  readonly ids: IdSource;
  readonly clock: Clock;
};

/** A request without a recorded reply. */
type OpenRequest = { readonly envelope: RecordedEnvelope<CallFlowRequested>; readonly ended: AbortController };

/**
 * Requests the next action of each live call, at least once: after a crash, those requests that have no recorded reply
 * are made again, under the same id. The checkpoint is never beyond the oldest of them. A reply is recorded once,
 * because the call's flow accepts one reply to each step.
 */
export class FlowReactor {
  readonly #abort = new AbortController();
  /** Open requests by call, which has one at most. */
  readonly #open = new Map<CallId, OpenRequest>();
  readonly #queue = new RequestQueue();
  #next: Position;
  #saved: Position;
  #savedAtMs: number;
  /** Requests read below it may have a reply that is not read yet. */
  #readyFrom: Position;
  #running: Promise<void> = Promise.resolve();

  private constructor(
    private readonly parts: FlowReactorParts,
    private readonly lease: ReactorLease,
    head: Position,
  ) {
    this.#next = lease.next;
    this.#saved = lease.next;
    this.#savedAtMs = parts.timers.monotonicMs();
    this.#readyFrom = head;
  }

  /** @throws Failure of the checkpoints and the store (retryable) */
  static async start(parts: FlowReactorParts): Promise<FlowReactor> {
    const lease = await parts.checkpoints.take(reactorName, parts.owner);
    const reactor = new FlowReactor(parts, lease, await parts.store.head());
    reactor.#running = reactor.#run();
    return reactor;
  }

  /** Takes no more requests; those in progress are made again by the next owner. */
  async stop(): Promise<void> {
    this.#abort.abort();
    for (const { ended } of this.#open.values()) ended.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { store, timers, host } = this.parts;
    const { signal } = this.#abort;
    try {
      await followLog(this.#next, {
        store,
        timers,
        types,
        signal,
        onPage: (page) => this.#onPage(page),
        onRetryableError: (cause) => {
          host.onRetryableError(reactorName, cause);
        },
      });
    } catch (error) {
      this.#abort.abort();
      host.stopped(reactorName, error);
    }
  }

  async #onPage({ events, next }: LogPage<Followed>): Promise<void> {
    const wasReady = this.#next >= this.#readyFrom;
    for (const envelope of events) this.#take(envelope, wasReady);
    this.#next = next;
    if (!wasReady && next >= this.#readyFrom) for (const open of this.#open.values()) this.#begin(open);
    await this.#saveIfDue();
  }

  #take(envelope: LogPage<Followed>['events'][number], isReady: boolean): void {
    const { callId, type } = envelope.data;
    // A page is passed again after a failure.
    if (this.#open.get(callId)?.envelope.id === envelope.id) return;
    this.#open.get(callId)?.ended.abort();
    this.#open.delete(callId);
    if (type !== 'CallFlowRequested') return;
    const open = { envelope: envelope as OpenRequest['envelope'], ended: new AbortController() };
    this.#open.set(callId, open);
    if (isReady) this.#begin(open);
  }

  #begin(open: OpenRequest): void {
    const { callId, accountId } = open.envelope.data;
    this.#queue.add(accountId, async () => {
      await this.#carryOut(open).catch((failure: unknown) => {
        this.parts.host.onRetryableError(reactorName, failure);
      });
      if (this.#open.get(callId) === open && !this.#abort.signal.aborted) this.#open.delete(callId);
    });
  }

  /** Requests and records; gives up when the lane has ended the wait itself. */
  async #carryOut({ envelope, ended: { signal } }: OpenRequest): Promise<void> {
    const { data } = envelope;
    let reply: FlowReply | undefined;
    for (let failures = 0; !signal.aborted && !this.#isOverdue(data); failures += 1) {
      try {
        reply ??= await requestFlow(data, this.parts, signal);
        if (reply === undefined || (await this.#isRecorded(envelope, reply))) return;
      } catch (error) {
        if (!isRetryable(error)) throw error;
        this.parts.host.onRetryableError(reactorName, error);
      }
      await pause(this.parts.timers, Math.min(retryMsMax, retryMsMin * 2 ** Math.min(failures, 10)), signal);
    }
  }

  #isOverdue({ requestedAtMs }: CallFlowRequested): boolean {
    return elapsedMs(requestedAtMs, this.parts.clock.now()) > replyMsMax;
  }

  /** @returns false: the command was not decided */
  async #isRecorded({ data, traceparent }: OpenRequest['envelope'], reply: FlowReply): Promise<boolean> {
    const { dispatcher, ids, clock, owner } = this.parts;
    const { accountId, callId, step } = data;
    const command: SubmittedCommand = {
      commandId: ids.commandId(),
      idChosenByClient: false,
      fingerprint: noFingerprint,
      stream: accountId,
      principal: { kind: 'worker', workerId: `flows:${owner}` },
      payload: { type: 'RecordFlowReply', accountId, callId, step, reply },
      result: {},
      deadlineMs: addDuration(clock.now(), durationMs(replyMsMax)),
      traceparent,
    };
    const outcome = await dispatcher.dispatch(command);
    return outcome.accepted || !undecided.has(outcome.refusal.code);
  }

  async #saveIfDue(): Promise<void> {
    const nowMs = this.parts.timers.monotonicMs();
    const oldest = Math.min(...Array.from(this.#open.values(), ({ envelope }) => envelope.position), this.#next);
    if (oldest <= this.#saved || nowMs - this.#savedAtMs < checkpointEveryMs) return;
    await this.lease.save(oldest as Position);
    this.#saved = oldest as Position;
    this.#savedAtMs = nowMs;
  }
}

/** Commands of workers are compared by the call's own state, not by their fields. */
const noFingerprint = new Uint8Array(32);
