import { begunCall } from '../../calls/begun-call.js';
import type { CallPlaced, CallReceived } from '../../calls/call.events.js';
import type { CallId } from '@ringfence/kernel/ids';
import type { DomainEvent } from '../../domain-event.js';
import { foreignToStream } from '../foreign-to-stream.js';
import * as accounts from './accounts.slice.js';
import type { AccountShares, AccountState } from './account-state.js';
import { withoutStaleTimers, withTimersSet } from './account-timers.js';
import * as apps from './apps.slice.js';
import * as billing from './billing.slice.js';
import * as calls from './calls.slice.js';
import { emptyDueQueue } from './due-queue.js';
import * as keys from './keys.slice.js';
import * as limits from './limits.slice.js';
import * as numbers from './numbers.slice.js';
import * as rejections from './rejections.slice.js';
import type { AccountEventType, AccountStreamEvent, ShareChange, EventOf } from './slice.js';
import type { Timer } from './timer.js';
import * as trunks from './trunks.slice.js';
import * as webhooks from './webhooks.slice.js';

const initialShares: AccountShares = {
  ...accounts.initial,
  ...limits.initial,
  ...billing.initial,
  ...keys.initial,
  ...calls.initial,
  ...numbers.initial,
  ...rejections.initial,
  ...webhooks.initial,
  ...apps.initial,
  ...trunks.initial,
};
export const unopenedAccount: AccountState = { ...initialShares, timers: emptyDueQueue };

type Evolution<Type extends AccountEventType> = {
  readonly changes: readonly ShareChange<Type>[];
  /** The timers that the event may set or move, derived from the state after it. */
  readonly timers?: (event: EventOf<Type>, after: AccountState) => Iterable<Timer>;
};

const ofCall = ({ callId }: { readonly callId: CallId }): readonly Timer[] => [{ kind: 'call', callId }];

function callBegan(before: AccountState, event: CallPlaced | CallReceived): Partial<AccountShares> {
  const begun = begunCall(event);
  return {
    ...calls.callBegan(before, begun),
    ...keys.callBegan(before, begun),
    ...limits.callBegan(before, begun),
    ...billing.callBegan(before, begun),
  };
}

/**
 * The changes of each event, slice by slice; `[]`: it changes nothing. A new event does not compile until it is listed.
 */
const evolutions: { readonly [Type in AccountEventType]: Evolution<Type> } = {
  AccountOpened: { changes: [accounts.lifeChanged, limits.opened] },
  AccountVerified: { changes: [accounts.lifeChanged] },
  AccountSuspended: { changes: [accounts.lifeChanged], timers: () => [{ kind: 'suspended' }] },
  AccountResumed: { changes: [accounts.lifeChanged] },
  AccountLimitsSet: { changes: [limits.limitsSet] },
  AccountTimeZoneChanged: { changes: [limits.timeZoneChanged] },
  CreditAdded: { changes: [billing.creditAdded] },
  SubjectErased: { changes: [accounts.subjectErased] },
  KeyIssued: { changes: [keys.keyChanged] },
  SigningKeyRegistered: { changes: [keys.keyChanged] },
  KeyRotated: { changes: [keys.keyChanged], timers: ({ keyId }) => [{ kind: 'overlap', keyId }] },
  KeyPolicyChanged: { changes: [keys.keyChanged], timers: keys.revokedBelow },
  KeyRevoked: { changes: [keys.keyChanged], timers: keys.revokedBelow },
  KeyOverlapEnded: { changes: [keys.keyChanged] },
  CallPlaced: { changes: [callBegan], timers: ofCall },
  CallReceived: { changes: [callBegan], timers: ofCall },
  CallRinging: { changes: [calls.callRinging], timers: ofCall },
  CallAnswered: { changes: [calls.callAnswered], timers: ofCall },
  CallExtended: {
    changes: [calls.callExtended, keys.callExtended, limits.callExtended, billing.callExtended],
    timers: ofCall,
  },
  CallHangUpRequested: {
    changes: [calls.callHangUpRequested, keys.callHangUpRequested, limits.callHangUpRequested],
    timers: ofCall,
  },
  CallCompleted: { changes: [calls.callEnded, keys.callEnded, limits.callEnded, billing.callCompleted] },
  CallFailed: { changes: [calls.callEnded, keys.callEnded, limits.callEnded, billing.callFailed] },
  CallFlowRequested: { changes: [calls.callFlowChanged], timers: ofCall },
  CallFlowReplied: { changes: [calls.callFlowChanged], timers: ofCall },
  CallActionStarted: { changes: [calls.callFlowChanged] },
  CallActionEnded: { changes: [calls.callFlowChanged] },
  CallFlowFailed: { changes: [calls.callFlowChanged], timers: ofCall },
  CallRefused: { changes: [calls.callRefused] },
  CallRefusalsCounted: { changes: [calls.callRefusalsCounted] },
  WebhookSecretCreated: { changes: [webhooks.secretChanged] },
  WebhookSecretRenamed: { changes: [webhooks.secretChanged] },
  WebhookSecretRotated: { changes: [webhooks.secretChanged] },
  WebhookSecretDeleted: { changes: [webhooks.secretChanged] },
  WebhookDeliveryFailed: { changes: [] },
  VoiceAppCreated: { changes: [apps.appChanged, numbers.appCreated] },
  VoiceAppChanged: { changes: [apps.appChanged] },
  VoiceAppDeleted: { changes: [apps.appChanged] },
  IpListCreated: { changes: [trunks.ipListChanged] },
  IpListChanged: { changes: [trunks.ipListChanged] },
  IpListDeleted: { changes: [trunks.ipListChanged] },
  SipTrunkCreated: { changes: [trunks.trunkChanged] },
  SipTrunkChanged: { changes: [trunks.trunkChanged] },
  SipTrunkDeleted: { changes: [trunks.trunkChanged] },
  NumberReceived: { changes: [numbers.received] },
  NumberRenamed: { changes: [] },
  NumbersAssigned: { changes: [numbers.assigned] },
  NumbersUnassigned: { changes: [numbers.unassigned] },
  NumberWithdrawn: { changes: [numbers.withdrawn] },
  CommandTurnedAway: { changes: [rejections.rejected] },
  CommandsTurnedAwayCounted: { changes: [rejections.rejected] },
  CallMuteRequested: { changes: [] },
  CallDigitsRequested: { changes: [] },
  CallPlaybackRequested: { changes: [calls.callPlaybackRequested] },
  CallPlaybackEnded: { changes: [calls.callPlaybackEnded] },
  InboundCallSimulated: { changes: [] },
};

const eventTypes: ReadonlySet<string> = new Set(Object.keys(evolutions));

/**
 * Applies an event. Total: it never refuses, because the event has already happened.
 * @throws BrokenInvariant on an event of another stream
 */
export function evolveAccount(before: AccountState, event: DomainEvent): AccountState {
  return isAccountEvent(event) ? evolveOwn(before, event) : foreignToStream(event.type, 'an account');
}

function isAccountEvent(event: DomainEvent): event is AccountStreamEvent {
  return eventTypes.has(event.type);
}

function evolveOwn<Type extends AccountEventType>(before: AccountState, event: EventOf<Type>): AccountState {
  const { changes, timers }: Evolution<Type> = evolutions[event.type];
  let after = before;
  for (const change of changes) after = { ...after, ...change(before, event) };
  return withoutStaleTimers(timers === undefined ? after : withTimersSet(before, after, timers(event, after)));
}
