import type { DomainEvent } from '@ringfence/domain/domain-event';
import type { AccountLimits } from '@ringfence/domain/limits/account-limits';
import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import { unreachable } from '@ringfence/kernel/invariant';
import { amountText, durationText } from '../terminal/amounts.js';

/** What happened, in a few words. Personal values are named by their subject, never opened. */
export function inWords(event: DomainEvent): string {
  switch (event.type) {
    case 'LogOpened':
      return `log opened with ${String(event.laneCount)} lanes`;
    case 'RateDeckPublished':
      return `rate deck ${event.currency} version ${String(event.deckVersion)}, ${String(event.rowCount)} rows`;
    case 'NumberRangeOpened':
      return `range ${event.prefix} opened: ${event.territory ?? 'no territory'}, ${event.kind}`;
    case 'AccountOpened':
      return `account opened, ${event.currency}, ${event.timeZone}`;
    case 'AccountVerified':
      return 'account verified';
    case 'AccountSuspended':
      return `account suspended: ${event.reason}`;
    case 'AccountResumed':
      return `account resumed: ${event.status}`;
    case 'AccountLimitsSet':
      return `account limits for ${event.mode} calls: ${limitsText(event.limits)}`;
    case 'AccountTimeZoneChanged':
      return `time zone ${event.timeZone} from ${event.firstDay} on`;
    case 'CreditAdded':
      return `credit ${amountText(event.amountMicros)} to the ${event.mode} book`;
    case 'SubjectErased':
      return `subject ${event.subjectId} erased`;
    case 'KeyIssued':
    case 'SigningKeyRegistered':
    case 'KeyRotated':
    case 'KeyPolicyChanged':
    case 'KeyRevoked':
    case 'KeyOverlapEnded':
      return keyInWords(event);
    case 'CommandTurnedAway':
      return event.count === 1
        ? `${event.commandType ?? 'command'} turned away: ${event.code}`
        : `${String(event.count)} commands turned away: ${event.code}`;
    case 'CommandsTurnedAwayCounted':
      return `${String(event.count)} more turned away: ${event.code}`;
    default:
      return callInWords(event);
  }
}

function keyInWords(event: Extract<DomainEvent, { readonly type: `Key${string}` | 'SigningKeyRegistered' }>): string {
  switch (event.type) {
    case 'KeyIssued':
      return `${event.mode} key …${event.secretHint} issued for ${event.policy.project}/${event.policy.application}, ${String(event.policy.callsPerSecond)} calls/s`;
    case 'SigningKeyRegistered':
      return `${event.mode} signing key registered for ${event.policy.project}/${event.policy.application}, ${String(event.policy.callsPerSecond)} calls/s`;
    case 'KeyRotated':
      return `key rotated to …${event.secretHint}, version ${String(event.keyVersion)}`;
    case 'KeyPolicyChanged':
      return `policy changed, version ${String(event.keyVersion)}`;
    case 'KeyRevoked':
      return `key revoked: ${event.reason}, live calls ${event.onRevoke === 'hangup' ? 'are hung up' : 'drain'}`;
    case 'KeyOverlapEnded':
      return 'the previous secret is forgotten';
    default:
      return unreachable(event);
  }
}

function callInWords(event: Extract<DomainEvent, { readonly type: `Call${string}` }>): string {
  switch (event.type) {
    case 'CallPlaced':
      return `call placed to +${event.rate.prefix}…, ${amountText(event.reservedMicros)} reserved`;
    case 'CallRinging':
      return 'ringing';
    case 'CallAnswered':
      return 'answered';
    case 'CallExtended':
      return `extended to ${durationText(event.authorisedForMs)}, ${amountText(event.addedMicros)} more reserved`;
    case 'CallHangUpRequested':
      return `hang-up asked for: ${event.reason}`;
    case 'CallCompleted':
      return `completed (${event.cause}) after ${durationText(event.talkTimeMs)}, ${amountText(event.chargedMicros)} charged, ${amountText(event.releasedMicros)} released`;
    case 'CallFailed':
      return `failed (${event.cause}), ${amountText(event.releasedMicros)} released`;
    case 'CallRefused':
      return `call refused: ${event.code}`;
    case 'CallRefusalsCounted':
      return `${String(event.count)} more refused: ${event.code}`;
    default:
      return unreachable(event);
  }
}

/** Who brought it about, and on whose authority. */
export function byWhom(envelope: RecordedEnvelope): string {
  const { issuedBy, onBehalfOf, presentedKeyId } = envelope;
  const by = issuedBy.kind === 'key' ? issuedBy.id : `${issuedBy.kind} ${issuedBy.id}`;
  if (presentedKeyId !== null) return `${by}, presented ${presentedKeyId}`;
  return onBehalfOf === null || onBehalfOf.keyId === issuedBy.id ? by : `${by} for ${onBehalfOf.keyId}`;
}

function limitsText({ linesMax, callsPerSecond, burstCalls, dailySpendMicrosMax }: AccountLimits): string {
  const spend = dailySpendMicrosMax === null ? 'no limit of daily spend' : `${amountText(dailySpendMicrosMax)} a day`;
  return `${linesMax} lines, ${callsPerSecond} calls a second, ${burstCalls} at once, ${spend}`;
}
