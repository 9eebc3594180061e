import type { CallId, SubjectId } from '@ringfence/kernel/ids';
import type { AccountEvent } from '../../accounts/account.events.js';
import type { AppEvent } from '../../apps/voice-app.events.js';
import type { VoiceApp } from '../../apps/voice-app.js';
import type { CallEvent } from '../../calls/call.events.js';
import type { LiveCall } from '../../calls/live-call.js';
import type { CallRefusalKey } from '../../calls/refused-calls.js';
import type { KeyEvent } from '../../keys/key.events.js';
import type { KeyUsage } from '../../keys/key-usage.js';
import type { OwnNumber } from '../../numbers/own-number.js';
import type { NumberEvent } from '../../numbers/number.events.js';
import type { RejectionEvent } from '../../rejections/rejection.events.js';
import type { RefusalSum } from '../../rejections/refusal-aggregation.js';
import type { CommandRejectionKey } from '../../rejections/rejected-commands.js';
import type { IpList } from '../../trunks/ip-list.js';
import type { SipTrunk } from '../../trunks/sip-trunk.js';
import type { TrunkEvent } from '../../trunks/trunk.events.js';
import type { WebhookEvent } from '../../webhooks/webhook.events.js';
import type { WebhookSecret } from '../../webhooks/webhook-secret.js';
import type { AccountState } from './account-state.js';

export type AccountStreamEvent =
  AccountEvent | KeyEvent | CallEvent | WebhookEvent | AppEvent | TrunkEvent | NumberEvent | RejectionEvent;
export type AccountEventType = AccountStreamEvent['type'];
type Fields = { readonly [Event in AccountStreamEvent as Event['type']]: Omit<Event, 'type'> };
/**
 * The event of a type; for several types, the union. In this form the compiler can follow a look-up in a table by type.
 */
export type EventOf<Type extends AccountEventType = AccountEventType> = {
  readonly [Each in Type]: { readonly type: Each } & Fields[Each];
}[Type];

/**
 * Change of a slice's share of the state by an event: the members that change. It reads the whole state as it was
 * before the event, so that the order of slices does not matter.
 */
export type ShareChange<Type extends AccountEventType> = (
  before: AccountState,
  event: EventOf<Type>,
) => Partial<AccountState>;

/** Entries of the pieces of a snapshot, by kind, in the order in which they are written. */
export type StoredEntries = {
  /**
   * Keys without active calls and busy children, which are derived from the calls and from the keys' usage.
   */
  readonly keys: Pick<KeyUsage, 'key' | 'used'>;
  readonly calls: LiveCall;
  readonly numbers: OwnNumber;
  readonly refusals: RefusalSum<CallRefusalKey>;
  readonly turned_away: RefusalSum<CommandRejectionKey>;
  readonly young: CallId;
  readonly old: CallId;
  readonly erased_young: SubjectId;
  readonly erased_old: SubjectId;
  readonly webhook_secrets: WebhookSecret;
  readonly voice_apps: VoiceApp;
  readonly ip_lists: IpList;
  readonly sip_trunks: SipTrunk;
};
export type StoredKind = keyof StoredEntries;
/** The entries of all pieces of a snapshot. */
export type Stored = { readonly [Kind in StoredKind]: StoredEntries[Kind][] };
