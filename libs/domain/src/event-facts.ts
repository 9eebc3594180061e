import type { AccountId, CallId, EventId, KeyId, SubjectId } from '@ringfence/kernel/ids';
import { platformStream } from '@ringfence/kernel/ids';
import type { AccountState } from './streams/account/account-state.js';
import type { DomainEvent, DomainEventType } from './domain-event.js';
import type { Authority, Mode } from './shared/values.js';

/** What the envelope says of an event besides who brought it about. */
export type EventFacts = {
  /** A call's, key's, subject's or account's id, or `platform`. Indexed. */
  readonly subject: string;
  readonly mode: Mode;
  /** The key under which the call that it is about was placed, as it stood then. */
  readonly onBehalfOf: Authority | null;
  /** The key that was turned down. */
  readonly presentedKeyId: KeyId | null;
  /** Where the event's id is fixed by its command. */
  readonly eventId: EventId | null;
};

/** Facts of an account as a whole: they concern both of its modes, whatever their envelope says. */
export const accountWideEvents = [
  'AccountOpened',
  'AccountVerified',
  'AccountSuspended',
  'AccountResumed',
  'AccountTimeZoneChanged',
  'SubjectErased',
] as const satisfies readonly DomainEventType[];
const accountWide: ReadonlySet<DomainEventType> = new Set<DomainEventType>(accountWideEvents);

/** Whether an event belongs to what is seen of this mode. */
export function isOfMode(event: { readonly type: DomainEventType; readonly mode: Mode }, mode: Mode): boolean {
  return event.mode === mode || accountWide.has(event.type);
}

type Stated = Pick<AccountState, 'standing' | 'calls' | 'keys'> | null;

/**
 * @param around the account's state before the event for one that ends a call, after it for one that places it or issues a key: pass both;
 *   null for the stream `platform`
 */
export function eventFacts(
  event: DomainEvent,
  around: { readonly before: Stated; readonly after: Stated },
): EventFacts {
  switch (event.type) {
    case 'CallPlaced':
      return ofCall(event.callId, event.mode, around.after, event.attemptId);
    case 'CallRinging':
    case 'CallAnswered':
    case 'CallExtended':
    case 'CallHangUpRequested':
    case 'CallCompleted':
    case 'CallFailed':
      return ofCall(event.callId, around.before?.calls.get(event.callId)?.mode ?? 'live', around.before, null);
    case 'CallRefused':
    case 'CallRefusalsCounted':
      return {
        subject: event.presentedKeyId,
        mode: event.mode,
        onBehalfOf: null,
        presentedKeyId: event.presentedKeyId,
        eventId: null,
      };
    case 'CommandTurnedAway':
    case 'CommandsTurnedAwayCounted':
      return ofTurnedAway(event.presentedKeyId, around.after);
    case 'KeyIssued':
    case 'SigningKeyRegistered':
      return plain(event.keyId, event.mode);
    case 'KeyRotated':
    case 'KeyPolicyChanged':
    case 'KeyRevoked':
    case 'KeyOverlapEnded':
      return plain(event.keyId, around.before?.keys.get(event.keyId)?.key.mode ?? 'live');
    case 'CreditAdded':
    case 'AccountLimitsSet':
      return plain(event.accountId, event.mode);
    case 'AccountOpened':
    case 'AccountVerified':
    case 'AccountSuspended':
    case 'AccountResumed':
    case 'AccountTimeZoneChanged':
      return plain(event.accountId, 'live');
    case 'SubjectErased':
      return plain(event.subjectId, 'live');
    case 'LogOpened':
    case 'RateDeckPublished':
    case 'NumberRangeOpened':
      return plain(platformStream, 'live');
  }
}

function ofCall(callId: CallId, mode: Mode, state: Stated, eventId: EventId | null): EventFacts {
  const onBehalfOf = state?.calls.get(callId)?.authority ?? null;
  return { subject: callId, mode, onBehalfOf, presentedKeyId: null, eventId };
}

/** About the key where it is the account's own, about the account else: strangers' keys have stories of their own. */
function ofTurnedAway(presentedKeyId: KeyId | null, state: Stated): EventFacts {
  const key = presentedKeyId === null ? undefined : state?.keys.get(presentedKeyId)?.key;
  const home = state === null || state.standing.status === 'unopened' ? platformStream : state.standing.accountId;
  return { ...plain(key?.keyId ?? home, key?.mode ?? 'live'), presentedKeyId };
}

function plain(subject: AccountId | KeyId | SubjectId | typeof platformStream, mode: Mode): EventFacts {
  return { subject, mode, onBehalfOf: null, presentedKeyId: null, eventId: null };
}
