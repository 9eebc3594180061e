import { acceptAll, refuse, type Decision } from '@ringfence/kernel/decider';
import type { CallId } from '@ringfence/kernel/ids';
import { invariant } from '@ringfence/kernel/invariant';
import { addDuration, durationMs, type EpochMs } from '@ringfence/kernel/units';
import { flowEvents } from '../../calls/call-flow.js';
import { completed, failed, hangUpRequested } from '../../calls/call-life.js';
import { extensionRetryMs, isReplyOverdue, leaseEnd } from '../../calls/call-timers.js';
import type { LiveCall } from '../../calls/live-call.js';
import { callsCounted } from '../../calls/refused-calls.js';
import type { KeyUsage } from '../../keys/key-usage.js';
import type { Refusal } from '../../refusals.js';
import { commandsCounted } from '../../rejections/rejected-commands.js';
import { elapsedFrom } from '../../shared/slow-stamps.js';
import { dueActionsMax, type FireTimers } from '../../shared/values.js';
import type { AccountState } from './account-state.js';
import { hangUpsOf } from './hang-ups.js';
import { dueTimers, withoutStaleTimers, withTimersSet } from './account-timers.js';
import type { AccountStreamEvent } from './slice.js';
import { SpendingBudget } from './spending-budget.js';
import type { TimerName, TimerOf } from './timer.js';

/** Performs due actions, at most `dueActionsMax` at a time; the rest stays due. */
export function fireTimers(time: FireTimers, state: AccountState): Decision<AccountStreamEvent, Refusal> {
  const { events } = new Firing(state, time).run();
  if (events.length === 0) return refuse({ code: 'nothing_due', detail: 'No timer of this account is due.' });
  return acceptAll(events);
}

/**
 * Postpones extensions that cannot be paid for now: a due extension that led to no event is retried a little later.
 */
export function postponeUnpaid(state: AccountState, time: FireTimers): AccountState {
  const { unpaid } = new Firing(state, time).run();
  const retryAtMs = addDuration(time.nowMs, extensionRetryMs);
  const later = unpaid.reduce((before, call) => {
    const after = { ...before, calls: before.calls.set(call.callId, { ...call, retryAtMs }) };
    return withTimersSet(before, after, [{ kind: 'call', callId: call.callId }]);
  }, state);
  return withoutStaleTimers(later);
}

/** Action of each kind of timer when it is due. */
const actions: { readonly [Kind in TimerName]: (firing: Firing, timer: TimerOf<Kind>) => void } = {
  call: (firing, { callId }) => {
    firing.actOnCall(callId);
  },
  overlap: (firing, { keyId }) => {
    firing.events.push({ type: 'KeyOverlapEnded', keyId, endedAtMs: firing.time.nowMs });
  },
  revoked: (firing, { keyId }) => {
    const use = firing.state.keys.get(keyId);
    if (use !== undefined) firing.hangUp([use], 'key_revoked');
  },
  suspended: (firing) => {
    firing.hangUp(firing.state.keys.values(), 'account_suspended');
  },
  refusals: ({ events, state, time }, { name }) => {
    events.push(callsCounted(counted(state.refusals.get(name)), time.nowMs));
  },
  turned_away: ({ events, state, time }, { name }) => {
    events.push(commandsCounted(counted(state.rejections.get(name)), time.nowMs));
  },
};

/** One firing of timers: due actions, earliest first. Lives for one decision. */
class Firing {
  readonly events: AccountStreamEvent[] = [];
  readonly unpaid: LiveCall[] = [];
  readonly #budget: SpendingBudget;
  /** Calls decided already: one timer of a call acts per decision. */
  readonly #decided = new Set<CallId>();

  constructor(
    readonly state: AccountState,
    readonly time: FireTimers,
  ) {
    this.#budget = new SpendingBudget(state, time);
  }

  run(): this {
    for (const timer of dueTimers(this.state, this.time)) {
      if (this.#left() <= 0) break;
      this.#fire(timer);
    }
    return this;
  }

  hangUp(uses: Iterable<KeyUsage>, reason: 'key_revoked' | 'account_suspended'): void {
    for (const hangUp of hangUpsOf(uses, this.state, reason, this.time.nowMs, this.#left())) {
      if (this.#decided.has(hangUp.callId)) continue;
      this.#decided.add(hangUp.callId);
      this.events.push(hangUp);
    }
  }

  actOnCall(callId: CallId): void {
    const call = this.state.calls.get(callId);
    if (call === undefined || this.#decided.has(callId)) return;
    this.#decided.add(callId);
    const events = this.#ofCall(call);
    if (events === undefined) this.unpaid.push(call);
    else this.events.push(...events);
  }

  #fire<Kind extends TimerName>(timer: TimerOf<Kind>): void {
    const action: (firing: Firing, timer: TimerOf<Kind>) => void = actions[timer.kind];
    action(this, timer);
  }

  #left(): number {
    return dueActionsMax - this.events.length - this.unpaid.length;
  }

  /** The events of a due call; undefined: it should be extended, but there is no money. */
  #ofCall(call: LiveCall): readonly AccountStreamEvent[] | undefined {
    const { nowMs } = this.time;
    if (call.hangUp !== null) return [workerSilent(call, nowMs)];
    if (call.progress.phase !== 'answered') return [hangUpRequested(call, 'ring_timeout', nowMs)];
    const { answeredAtMs } = call.progress;
    if (elapsedFrom(answeredAtMs, this.time) >= leaseEnd(call, answeredAtMs)) return [workerSilent(call, nowMs)];
    if (isReplyOverdue(call, this.time)) return flowEvents(call, { kind: 'reply_overdue' }, this.state, nowMs);
    const extended = this.#budget.extend(call, nowMs);
    return extended === undefined ? undefined : [extended];
  }
}

function counted<Sum>(sum: Sum | undefined): Sum {
  invariant(sum !== undefined, 'a due sum of refusals is in the state');
  return sum;
}

/** The end of a call that its worker has lost. The talk time cannot be proven, so nothing is charged. */
function workerSilent(call: LiveCall, nowMs: EpochMs): AccountStreamEvent {
  if (call.progress.phase !== 'answered')
    return failed(call, call.hangUp?.reason === 'ring_timeout' ? 'no_answer' : 'carrier_unknown', nowMs);
  return completed(call, 'carrier_unknown', 'platform', durationMs(0), nowMs);
}
