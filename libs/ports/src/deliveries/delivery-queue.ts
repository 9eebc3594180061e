import type { WebhookApiVersion } from '@ringfence/domain/apps/voice-app.events';
import type { Mode, SealedSecret, SealedText } from '@ringfence/domain/shared/values';
import type { WebhookEndpoint } from '@ringfence/domain/webhooks/webhook.events';
import type { AccountId, CallId, EventId, VoiceAppId, WebhookSecretId } from '@ringfence/kernel/ids';
import type { EpochMs, Position } from '@ringfence/kernel/units';

/** Identifies a delivery: one event to one endpoint. */
type DeliveryKey = { readonly position: Position; readonly endpoint: WebhookEndpoint };

/** An address of a call to which its events are delivered. */
export type CallEndpoint = {
  readonly callId: CallId;
  readonly accountId: AccountId;
  readonly mode: Mode;
  readonly endpoint: WebhookEndpoint;
  /** The app of the call; null: none. */
  readonly appId: VoiceAppId | null;
  readonly url: SealedText;
  /** Digest of account, mode and origin of the URL: what shares one concurrency and one circuit breaker. */
  readonly receiver: string;
  readonly apiVersion: WebhookApiVersion;
};
/** `nextSequence`: the number of the call's next delivered event, from 0. */
export type FollowedCall = CallEndpoint & { readonly nextSequence: number };

export type QueuedDelivery = DeliveryKey &
  CallEndpoint & {
    readonly eventId: EventId;
    /** Name of the event for clients, `call.ringing`. */
    readonly eventName: string;
    readonly sequence: number;
    readonly occurredAtMs: EpochMs;
    readonly queuedAtMs: EpochMs;
  };

/** The values of a secret that sign; `previous` until `overlapUntilMs`. */
type SigningValues = {
  readonly value: SealedSecret;
  readonly previous: SealedSecret | null;
  readonly overlapUntilMs: EpochMs | null;
};
export type SigningSecret = SigningValues & {
  readonly secretId: WebhookSecretId;
  readonly accountId: AccountId;
  readonly mode: Mode;
};

/** A delivery that is due, the first of its call and endpoint that is pending. */
export type DueDelivery = QueuedDelivery & {
  /** Attempts since it was queued, or requested again. */
  readonly attempts: number;
  /** Number of times that it was requested again. */
  readonly round: number;
  /** Moment from which the time for attempts counts. */
  readonly startedAtMs: EpochMs;
  /**
   * The secret of the app; for a status callback of a call without an app, or whose app has none, the oldest of its
   * account and mode. null: there is none.
   */
  readonly signing: SigningValues | null;
  /** True for an endpoint whose app was deleted. */
  readonly isWithdrawn: boolean;
};

/** The webhook settings of an app. */
export type AppEndpoint = Pick<CallEndpoint, 'accountId' | 'mode' | 'url' | 'receiver' | 'apiVersion'> & {
  readonly appId: VoiceAppId;
  readonly secretId: WebhookSecretId | null;
};

/** Changes that the events of a page require. Applied twice, they change nothing more. */
export type QueueChange = {
  readonly followed: readonly FollowedCall[];
  readonly ended: readonly CallId[];
  readonly deliveries: readonly QueuedDelivery[];
  readonly secrets: readonly SigningSecret[];
  readonly deletedSecrets: readonly WebhookSecretId[];
  /** Apps as they are now: what is pending for them goes where they say from now on. */
  readonly apps: readonly AppEndpoint[];
  readonly deletedApps: readonly VoiceAppId[];
};

export type DeliveryState = 'pending' | 'delivered' | 'failed_permanent';
/** Result of an attempt. `error`: a code; null: there was an answer. */
export type AttemptResult = DeliveryKey & {
  readonly callId: CallId;
  readonly round: number;
  readonly state: DeliveryState;
  /** Moment of the next attempt of a pending delivery. */
  readonly dueAtMs: EpochMs;
  /** False: nothing was sent. */
  readonly isAttempt: boolean;
  readonly attemptedAtMs: EpochMs;
  readonly status: number | null;
  readonly error: string | null;
  readonly latencyMs: number;
};

export type DueAsked = {
  readonly nowMs: EpochMs;
  /** Receivers that take nothing more at the moment. */
  readonly busy: readonly string[];
  /** Deliveries under way. */
  readonly underWay: readonly DeliveryKey[];
  readonly perReceiverMax: number;
  readonly limit: number;
};

/** `oldestQueuedAtMs` null: nothing is pending. */
export type Backlog = { readonly pending: number; readonly oldestQueuedAtMs: EpochMs | null };

/**
 * Deliveries of events to customers' endpoints. Not a projection: it is backed up with the log, and never rebuilt. It
 * holds neither bodies nor URLs in clear. Every method may throw Failure `delivery_queue_unavailable` (retryable).
 */
export interface DeliveryQueue {
  /**
   * Makes the caller the only one that writes; the previous one can no longer.
   * @param owner names this process
   * @param beginsAtMs calls that were placed earlier are not followed; counts the first time only
   */
  take(owner: string, beginsAtMs: EpochMs): Promise<DeliveryLease>;
}

/** Methods that write throw Failure `reactor_lease_lost` (stop) once another process has taken the queue. */
export interface DeliveryLease {
  /** The position of the next event. */
  readonly next: Position;
  readonly beginsAtMs: EpochMs;
  /** Calls that have not ended and have endpoints. */
  followed(): Promise<readonly FollowedCall[]>;
  /** The apps of these ids, as far as they exist. */
  apps(appIds: readonly VoiceAppId[]): Promise<readonly AppEndpoint[]>;
  /** Applies a change and moves the checkpoint in one transaction. */
  apply(change: QueueChange, next: Position): Promise<void>;
  /** The deliveries that may be attempted now, earliest due first within a receiver. */
  due(asked: DueAsked): Promise<readonly DueDelivery[]>;
  settle(results: readonly AttemptResult[]): Promise<void>;
  backlog(): Promise<Backlog>;
  /** Removes some deliveries that were settled before this moment, with their attempts. */
  forget(settledBefore: EpochMs): Promise<void>;
}
