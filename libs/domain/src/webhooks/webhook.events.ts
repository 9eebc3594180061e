import type { CallId, EventId, WebhookSecretId } from '@ringfence/kernel/ids';
import type { EpochMs } from '@ringfence/kernel/units';
import type { Mode, SealedSecret, SealedText } from '../shared/values.js';

/**
 * A secret belongs to the mode of the key that created it, for ever. Each event has everything that an answer shows of
 * the secret, so that a retry gets the answer of its time.
 */
type OfSecret = {
  readonly secretId: WebhookSecretId;
  readonly mode: Mode;
  readonly name: SealedText;
  readonly createdAtMs: EpochMs;
};

export type WebhookSecretCreated = OfSecret & {
  readonly type: 'WebhookSecretCreated';
  /** `whsec_` and the base64 of 24 random bytes, sealed. */
  readonly value: SealedSecret;
};
type WebhookSecretRenamed = OfSecret & {
  readonly type: 'WebhookSecretRenamed';
  /** The last rotation and the end of its overlap; null: there was none. */
  readonly rotatedAtMs: EpochMs | null;
  readonly overlapUntilMs: EpochMs | null;
  readonly renamedAtMs: EpochMs;
};
/**
 * A new value, with which webhooks are signed from this event on; with the previous one too, until `overlapUntilMs`.
 * The name may be a new one.
 */
export type WebhookSecretRotated = OfSecret & {
  readonly type: 'WebhookSecretRotated';
  readonly value: SealedSecret;
  readonly previousValue: SealedSecret;
  readonly overlapUntilMs: EpochMs;
  readonly rotatedAtMs: EpochMs;
};
/** The end of a secret: none of its values signs anything any more. */
type WebhookSecretDeleted = {
  readonly type: 'WebhookSecretDeleted';
  readonly secretId: WebhookSecretId;
  readonly mode: Mode;
  readonly deletedAtMs: EpochMs;
};

export type WebhookSecretEvent =
  WebhookSecretCreated | WebhookSecretRenamed | WebhookSecretRotated | WebhookSecretDeleted;

/** The addresses to which an event of a call is delivered: that of the call itself, and that of its app. */
export const webhookEndpoints = ['status_callback', 'app'] as const;
export type WebhookEndpoint = (typeof webhookEndpoints)[number];

/**
 * Reasons for which an event is not sent any more: the time for attempts is over; the receiver answered 410; the
 * address was erased, or no request can be sent to it; the app was deleted.
 */
export const deliveryFailureReasons = ['expired', 'gone', 'url_erased', 'url_invalid', 'app_deleted'] as const;
export type DeliveryFailureReason = (typeof deliveryFailureReasons)[number];

/** An event of a call that an endpoint did not take, and to which it is not sent any more. */
export type DeliveryFailure = {
  readonly callId: CallId;
  /** The event that was not delivered. */
  readonly eventId: EventId;
  readonly mode: Mode;
  readonly endpoint: WebhookEndpoint;
  readonly reason: DeliveryFailureReason;
  readonly attempts: number;
  /** HTTP status of the last answer; null: there was none. */
  readonly lastStatus: number | null;
};
type WebhookDeliveryFailed = DeliveryFailure & {
  readonly type: 'WebhookDeliveryFailed';
  readonly failedAtMs: EpochMs;
};

export type WebhookEvent = WebhookSecretEvent | WebhookDeliveryFailed;
