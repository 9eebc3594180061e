import type { AccountState } from '@ringfence/domain/streams/account/account-state';
import type { Authority, Mode } from '@ringfence/domain/shared/values';
import type {
  AccountId,
  CallId,
  EventId,
  IpListId,
  KeyId,
  NumberId,
  platformStream,
  SipTrunkId,
  SubjectId,
  VoiceAppId,
  WebhookSecretId,
} from '@ringfence/kernel/ids';
import type { EventDefinition } from './catalogue.js';

/** Facts of an event in its envelope, beside its issuer. */
export type EventFacts = {
  /** The id of a call, key, subject, account, app, IP list, trunk or webhook secret, or `platform`. Indexed. */
  readonly subject: string;
  readonly mode: Mode;
  /** The key under which the call of the event was placed, as the key was at that time. */
  readonly onBehalfOf: Authority | null;
  /** The key that was rejected. */
  readonly presentedKeyId: KeyId | null;
  /** Id of the event, where its command determines it. */
  readonly eventId: EventId | null;
};

/** The state from which facts are read, besides the event itself; null: the event is in a stream of no account. */
export type FactState = Pick<AccountState, 'standing' | 'calls' | 'keys'> | null;
/**
 * The account's state before the event and after it: an event that ends a call is read from the former, one that places
 * a call from the latter.
 */
export type StateAround = { readonly before: FactState; readonly after: FactState };

/** The definition of an event: how it is written, and the facts for its envelope. */
export type CataloguedEvent<Event> = EventDefinition<Event> & {
  readonly facts: (event: Event, around: StateAround) => EventFacts;
  /** Set if the event concerns both modes of its account, whatever its envelope says. Omitted: only its own mode. */
  readonly accountWide?: true;
};

/** An entry for every event of a union: a missing one is a compile error. */
export type ContextCatalogue<Event extends { readonly type: string }> = {
  readonly [Each in Event as Each['type']]: CataloguedEvent<Each>;
};

/** The facts of an event without a key. */
export function about(
  subject:
    | AccountId
    | CallId
    | IpListId
    | KeyId
    | NumberId
    | SipTrunkId
    | SubjectId
    | VoiceAppId
    | WebhookSecretId
    | typeof platformStream,
  mode: Mode,
): EventFacts {
  return { subject, mode, onBehalfOf: null, presentedKeyId: null, eventId: null };
}
