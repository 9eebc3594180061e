import type { DomainEvent, DomainEventType } from '@ringfence/domain/domain-event';
import type { KeyPolicy } from '@ringfence/domain/keys/key-policy';
import type { AccountLimits } from '@ringfence/domain/limits/account-limits';
import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import { amountText, durationText } from '../terminal/amounts.js';

/** Describes an event in a few words. Personal values appear as their subject and are never opened. */
export function describeEvent(event: DomainEvent): string {
  const words: ((event: never) => string) | undefined = particulars[event.type];
  // TypeScript cannot see that the function found under an event's type takes that event.
  return words === undefined ? nameInWords(event.type) : words(event as never);
}

type EventOf<Type extends DomainEventType> = Extract<DomainEvent, { readonly type: Type }>;

/** Texts of events whose name alone says too little; `AccountVerified` reads `account verified`. */
const particulars: { readonly [Type in DomainEventType]?: (event: EventOf<Type>) => string } = {
  LogOpened: ({ laneCount }) => `log opened with ${laneCount} lanes`,
  RateDeckPublished: ({ currency, deckVersion, rowCount }) =>
    `rate deck ${currency} version ${deckVersion}, ${rowCount} rows`,
  NumberRangeOpened: ({ prefix, territory, kind }) => `range ${prefix} opened: ${territory ?? 'no territory'}, ${kind}`,

  AccountOpened: ({ currency, timeZone }) => `account opened, ${currency}, ${timeZone}`,
  AccountSuspended: ({ reason }) => `account suspended: ${reason}`,
  AccountResumed: ({ status }) => `account resumed: ${status}`,
  AccountLimitsSet: ({ mode, limits }) => `account limits for ${mode} calls: ${limitsText(limits)}`,
  AccountTimeZoneChanged: ({ timeZone, firstDay }) => `time zone ${timeZone} from ${firstDay} on`,
  CreditAdded: ({ amountMicros, mode }) => `credit ${amountText(amountMicros)} to the ${mode} book`,
  SubjectErased: ({ subjectId }) => `subject ${subjectId} erased`,

  KeyIssued: ({ mode, secretHint, policy }) => `${mode} key …${secretHint} issued for ${policyText(policy)}`,
  SigningKeyRegistered: ({ mode, policy }) => `${mode} signing key registered for ${policyText(policy)}`,
  KeyRotated: ({ secretHint, keyVersion }) => `key rotated to …${secretHint}, version ${keyVersion}`,
  KeyPolicyChanged: ({ keyVersion }) => `policy changed, version ${keyVersion}`,
  KeyRevoked: ({ reason, onRevoke }) =>
    `key revoked: ${reason}, live calls ${onRevoke === 'hangup' ? 'are hung up' : 'drain'}`,
  KeyOverlapEnded: () => 'the previous secret is forgotten',

  CallReceived: ({ rate, reservedMicros }) =>
    `call received at +${rate.prefix}…, ${amountText(reservedMicros)} reserved`,
  InboundCallSimulated: () => 'a caller of the sandbox rings a number',
  CallPlaced: ({ rate, reservedMicros }) => `call placed to +${rate.prefix}…, ${amountText(reservedMicros)} reserved`,
  CallRinging: () => 'ringing',
  CallAnswered: () => 'answered',
  CallExtended: ({ authorisedForMs, addedMicros }) =>
    `extended to ${durationText(authorisedForMs)}, ${amountText(addedMicros)} more reserved`,
  CallHangUpRequested: ({ reason }) => `hang-up requested: ${reason}`,
  CallCompleted: ({ cause, talkTimeMs, chargedMicros, releasedMicros }) =>
    `completed (${cause}) after ${durationText(talkTimeMs)}, ${amountText(chargedMicros)} charged, ${amountText(releasedMicros)} released`,
  CallFailed: ({ cause, releasedMicros }) => `failed (${cause}), ${amountText(releasedMicros)} released`,
  CallRefused: ({ code }) => `call refused: ${code}`,
  CallRefusalsCounted: ({ count, code }) => `${count} more refused: ${code}`,

  CommandTurnedAway: ({ count, commandType, code }) =>
    count === 1 ? `${commandType ?? 'command'} rejected: ${code}` : `${count} commands rejected: ${code}`,
  CommandsTurnedAwayCounted: ({ count, code }) => `${count} more rejected: ${code}`,
};

function nameInWords(type: DomainEventType): string {
  return type.replace(/(?<=.)[A-Z]/g, ' $&').toLowerCase();
}

function policyText({ project, application, callsPerSecond }: KeyPolicy): string {
  return `${project}/${application}, ${callsPerSecond} calls/s`;
}

/** The principal behind an event, and the key on whose authority it acted. */
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
