import type { CommandDispatcher } from '@ringfence/commands/command-dispatcher';
import type { DeliveryFailureReason } from '@ringfence/domain/webhooks/webhook.events';
import type { Clock } from '@ringfence/kernel/clock';
import { Failure } from '@ringfence/kernel/failure';
import type { CommandId } from '@ringfence/kernel/ids';
import { addDuration, durationMs } from '@ringfence/kernel/units';
import type { DueDelivery } from '@ringfence/ports/deliveries/delivery-queue';

/** Time after which an undecided command is refused. */
const deadlineMs = durationMs(60_000);
/** Commands under one id are the same record: there are no fields to compare. */
const noFingerprint = new Uint8Array(32);

type RecorderParts = {
  readonly dispatcher: CommandDispatcher;
  readonly clock: Clock;
  /** Identifies this process. */
  readonly owner: string;
};
type Last = { readonly isAttempt: boolean; readonly status: number | null };

/** Records in the account's stream that an event is not sent to an endpoint any more. */
export class FailureRecorder {
  constructor(private readonly parts: RecorderParts) {}

  /**
   * Records it once, however often it is called.
   * @throws Failure `delivery_failure_unrecorded` (retryable); the dispatcher's
   */
  async record(delivery: DueDelivery, reason: DeliveryFailureReason, { isAttempt, status }: Last): Promise<void> {
    const { dispatcher, clock, owner } = this.parts;
    const { accountId, callId, eventId, mode, endpoint, round } = delivery;
    const attempts = delivery.attempts + (isAttempt ? 1 : 0);
    const outcome = await dispatcher.dispatch({
      commandId: `delivery_failed:${eventId}:${endpoint}:${String(round)}` as CommandId,
      // An earlier process may have sent it.
      idChosenByClient: true,
      fingerprint: noFingerprint,
      stream: accountId,
      principal: { kind: 'worker', workerId: `webhooks:${owner}` },
      payload: {
        type: 'RecordDeliveryFailure',
        accountId,
        callId,
        eventId,
        mode,
        endpoint,
        reason,
        attempts,
        lastStatus: status,
      },
      result: {},
      deadlineMs: addDuration(clock.now(), deadlineMs),
      traceparent: null,
    });
    if (!outcome.accepted)
      throw new Failure('delivery_failure_unrecorded', `it was not decided: ${outcome.refusal.code}`, true);
  }
}
