import { beginsCall } from '@ringfence/domain/calls/begun-call';
import type { DeliveryFailureReason } from '@ringfence/domain/webhooks/webhook.events';
import { valuesInForce } from '@ringfence/domain/webhooks/webhook-secret';
import type { Clock } from '@ringfence/kernel/clock';
import { Failure } from '@ringfence/kernel/failure';
import type { Timers } from '@ringfence/kernel/timers';
import { addDuration, durationMs, elapsedMs, type EpochMs } from '@ringfence/kernel/units';
import type { DueDelivery } from '@ringfence/ports/deliveries/delivery-queue';
import type { OutboundClient } from '@ringfence/ports/outbound/outbound-client';
import type { SubjectVault } from '@ringfence/ports/vault/subject-vault';
import type { OpenedNumbers } from '@ringfence/wire/calls/call-event-body';
import { type DeliveredEnvelope, webhookBody } from '@ringfence/wire/webhooks/webhook-body';
import { signatureHeaders } from '@ringfence/wire/webhooks/webhook-signature';

/** Time for which a delivery is attempted. */
export const attemptsMsMax = durationMs(3 * 24 * 3_600_000);
const backOffMsMin = 1_000;
const backOffMsMax = 6 * 3_600_000;

/** Outcome of an attempt: after `retry` there will be another one, after a reason of a failure there will be none. */
export type AttemptOutcome = {
  readonly outcome: 'delivered' | 'retry' | DeliveryFailureReason;
  /** False: nothing was sent. */
  readonly isAttempt: boolean;
  readonly status: number | null;
  readonly error: string | null;
  readonly latencyMs: number;
};

type AttemptParts = {
  readonly vault: Pick<SubjectVault, 'open'>;
  readonly outbound: Pick<OutboundClient, 'post'>;
  readonly clock: Clock;
  readonly timers: Pick<Timers, 'monotonicMs'>;
};

/**
 * Sends an event to an endpoint, once: renders it, signs it with the time of this attempt, posts it. A failure of the
 * receiver is an outcome.
 * @throws Failure `vault_unavailable` (retryable): nothing was sent
 */
export async function attemptDelivery(
  { vault, outbound, clock, timers }: AttemptParts,
  delivery: DueDelivery,
  envelope: DeliveredEnvelope,
): Promise<AttemptOutcome> {
  if (delivery.isWithdrawn) return unsent('app_deleted');
  const nowMs = clock.now();
  if (elapsedMs(delivery.startedAtMs, nowMs) >= attemptsMsMax) return unsent('expired');
  const { url, secrets, numbers } = await opened(vault, delivery, envelope, nowMs);
  if (url === null) return unsent('url_erased');
  const body = JSON.stringify(webhookBody(envelope, numbers, delivery));
  const signed = { id: delivery.eventId, timestampSeconds: Math.floor(nowMs / 1_000), body, secrets };
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'Ringfence-Webhooks/1',
    ...signatureHeaders(signed),
  };
  const beganMs = timers.monotonicMs();
  const latency = () => timers.monotonicMs() - beganMs;
  try {
    const { status } = await outbound.post({ url, mode: delivery.mode, headers, body, answerBytesMax: 0 });
    return { outcome: outcomeOf(status), isAttempt: true, status, error: null, latencyMs: latency() };
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    if (!failure.retryable) return { ...unsent('url_invalid'), error: failure.code };
    return { outcome: 'retry', isAttempt: true, status: null, error: failure.code, latencyMs: latency() };
  }
}

/**
 * The moment of the next attempt: full jitter below a bound that doubles with each attempt, so that receivers that come
 * back are not met by all at once.
 * @param attempts that have failed, at least 1
 * @param random a number from 0 up to 1
 */
export function nextAttemptMs(nowMs: EpochMs, attempts: number, random: number): EpochMs {
  const bound = Math.min(backOffMsMax, backOffMsMin * 2 ** Math.min(attempts, 30));
  return addDuration(nowMs, durationMs(Math.floor(random * bound)));
}

function outcomeOf(status: number): AttemptOutcome['outcome'] {
  if (status >= 200 && status < 300) return 'delivered';
  // Standard Webhooks: the receiver wants no more of this.
  return status === 410 ? 'gone' : 'retry';
}

function unsent(outcome: DeliveryFailureReason): AttemptOutcome {
  return { outcome, isAttempt: false, status: null, error: null, latencyMs: 0 };
}

type Opened = { readonly url: string | null; readonly secrets: readonly string[]; readonly numbers: OpenedNumbers };

async function opened(
  vault: AttemptParts['vault'],
  { url, signing }: DueDelivery,
  { data }: DeliveredEnvelope,
  nowMs: EpochMs,
): Promise<Opened> {
  const signs = signing === null ? [] : valuesInForce(signing, nowMs);
  const asked = beginsCall(data) ? [url, data.from, data.to, ...signs] : [url, ...signs];
  const [address = null, ...texts] = await vault.open(asked);
  if (!beginsCall(data)) return { url: address, secrets: texts.filter(isThere), numbers: noNumbers };
  const [from = null, to = null, ...secrets] = texts;
  const values = { from, to };
  const erased = (['from', 'to'] as const).filter((name) => values[name] === null);
  return { url: address, secrets: secrets.filter(isThere), numbers: { values, erased } };
}

const noNumbers: OpenedNumbers = { values: { from: null, to: null }, erased: [] };

function isThere(text: string | null): text is string {
  return text !== null;
}
