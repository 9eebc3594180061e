import { suspensionReasons } from '@ringfence/domain/accounts/account.events';
import { turnAwayCodes } from '@ringfence/domain/rejections/rejection.events';
import { callRefusalCodes } from '@ringfence/domain/calls/call-refusals';
import { endCauses, hangUpReasons } from '@ringfence/domain/calls/call.events';
import type { DomainEvent, DomainEventType } from '@ringfence/domain/domain-event';
import { revocationReasons } from '@ringfence/domain/keys/key.events';
import type { AccountLimits } from '@ringfence/domain/limits/account-limits';
import { numberKinds } from '@ringfence/domain/limits/numbering-plan';
import { modes, revocationPolicies } from '@ringfence/domain/shared/values';
import {
  calledDestination,
  dayOfRefusal,
  rateQuote,
  recordedDay,
  routeCandidate,
  withoutDay,
  withoutZoneData,
} from './call-fields.js';
import { type Catalogue, catalogueIndex, type Upcaster } from './catalogue.js';
import {
  count,
  duration,
  flag,
  id,
  listOf,
  microsAmount,
  moment,
  nullable,
  objectOf,
  oneOf,
  sealedText,
  secretDigest,
  text,
} from './shape.js';
import { keyPolicyCodec, withoutCaps } from './key-fields.js';

const mode = oneOf(modes);

/** A key from before there were child keys. */
const ordinaryKey: Upcaster = (data) => ({ ...withoutCaps(data), parentKeyId: null });
/** The same shape, with fewer words in one of its lists or patterns. */
export const fewerWords: Upcaster = (data) => data;

const accountLimits = objectOf<AccountLimits>({
  callsPerSecond: count,
  burstCalls: count,
  linesMax: count,
  dailySpendMicrosMax: nullable(microsAmount),
});

const ofCall = { callId: id('cs'), legId: id('cl'), keyId: id('key') };

/**
 * Every event there is: its name on the wire, its version, and the class and codec of each of its fields. What is written under a version
 * never changes: a new shape, a new word in an enum included, is a new version with an upcaster and a golden file of its own.
 */
export const eventCatalogue: Catalogue<DomainEvent> = {
  AccountOpened: {
    name: 'account.opened',
    version: 1,
    fields: {
      accountId: id('acc'),
      name: sealedText,
      currency: text('currency'),
      region: text('label'),
      timeZone: text('timeZone'),
      openedAtMs: moment,
    },
  },
  AccountVerified: { name: 'account.verified', version: 1, fields: { accountId: id('acc'), verifiedAtMs: moment } },
  AccountSuspended: {
    name: 'account.suspended',
    version: 1,
    fields: { accountId: id('acc'), reason: oneOf(suspensionReasons), suspendedAtMs: moment },
  },
  AccountResumed: {
    name: 'account.resumed',
    version: 1,
    fields: { accountId: id('acc'), status: oneOf(['unverified', 'active']), resumedAtMs: moment },
  },
  AccountLimitsSet: {
    name: 'account.limits_set',
    version: 1,
    fields: { accountId: id('acc'), mode, limits: accountLimits, approved: accountLimits, setAtMs: moment },
  },
  AccountTimeZoneChanged: {
    name: 'account.time_zone_changed',
    version: 1,
    fields: {
      accountId: id('acc'),
      timeZone: text('timeZone'),
      fromMs: moment,
      firstDay: text('localDay'),
      sharesWith: nullable(text('localDay')),
      zoneData: text('label'),
      changedAtMs: moment,
    },
  },
  CreditAdded: {
    name: 'account.credit_added',
    version: 1,
    fields: {
      accountId: id('acc'),
      mode,
      amountMicros: microsAmount,
      reference: nullable(sealedText),
      addedAtMs: moment,
    },
  },
  SubjectErased: {
    name: 'account.subject_erased',
    version: 1,
    fields: { accountId: id('acc'), subjectId: id('sub'), erasedAtMs: moment },
  },

  KeyIssued: {
    name: 'key.issued',
    version: 2,
    fields: {
      keyId: id('key'),
      accountId: nullable(id('acc')),
      mode,
      parentKeyId: nullable(id('key')),
      label: sealedText,
      digest: secretDigest,
      secretHint: text('secretHint'),
      policy: keyPolicyCodec,
      policyHash: text('sha256'),
      issuedAtMs: moment,
    },
    upcasters: [ordinaryKey],
  },
  SigningKeyRegistered: {
    name: 'key.signing_key_registered',
    version: 2,
    fields: {
      keyId: id('key'),
      accountId: nullable(id('acc')),
      mode,
      parentKeyId: nullable(id('key')),
      label: sealedText,
      publicKey: text('publicKey'),
      policy: keyPolicyCodec,
      policyHash: text('sha256'),
      registeredAtMs: moment,
    },
    upcasters: [ordinaryKey],
  },
  KeyRotated: {
    name: 'key.rotated',
    version: 1,
    fields: {
      keyId: id('key'),
      digest: secretDigest,
      secretHint: text('secretHint'),
      overlapUntilMs: moment,
      previousDigest: secretDigest,
      keyVersion: count,
      rotatedAtMs: moment,
    },
  },
  KeyPolicyChanged: {
    name: 'key.policy_changed',
    version: 2,
    fields: {
      keyId: id('key'),
      policy: keyPolicyCodec,
      policyHash: text('sha256'),
      keyVersion: count,
      changedAtMs: moment,
    },
    upcasters: [withoutCaps],
  },
  KeyRevoked: {
    name: 'key.revoked',
    version: 1,
    fields: {
      keyId: id('key'),
      reason: oneOf(revocationReasons),
      onRevoke: oneOf(revocationPolicies),
      keyVersion: count,
      revokedAtMs: moment,
    },
  },
  KeyOverlapEnded: { name: 'key.overlap_ended', version: 1, fields: { keyId: id('key'), endedAtMs: moment } },

  CallPlaced: {
    name: 'call.placed',
    version: 3,
    fields: {
      ...ofCall,
      attemptId: id('evt'),
      accountId: id('acc'),
      mode,
      project: text('label'),
      application: text('label'),
      from: sealedText,
      to: sealedText,
      flowUrl: sealedText,
      statusCallbackUrl: nullable(sealedText),
      record: flag,
      ringTimeoutMs: duration,
      rate: rateQuote,
      destination: nullable(calledDestination),
      candidates: listOf(routeCandidate),
      authorisedForMs: duration,
      reservedMicros: microsAmount,
      ...recordedDay,
      placedAtMs: moment,
    },
    // Nobody had asked what the number was.
    upcasters: [(data) => ({ ...data, destination: null }), withoutZoneData],
  },
  CallRinging: { name: 'call.ringing', version: 1, fields: { ...ofCall, attemptId: id('evt'), ringingAtMs: moment } },
  CallAnswered: {
    name: 'call.answered',
    version: 1,
    fields: { ...ofCall, attemptId: id('evt'), answeredAtMs: moment },
  },
  CallExtended: {
    name: 'call.extended',
    version: 2,
    fields: {
      ...ofCall,
      mode,
      authorisedForMs: duration,
      addedMicros: microsAmount,
      reservedMicros: microsAmount,
      ...recordedDay,
      extendedAtMs: moment,
    },
    upcasters: [withoutZoneData],
  },
  CallHangUpRequested: {
    name: 'call.hang_up_requested',
    version: 1,
    fields: { ...ofCall, reason: oneOf(hangUpReasons), requestedAtMs: moment },
  },
  CallCompleted: {
    name: 'call.completed',
    version: 2,
    fields: {
      ...ofCall,
      mode,
      project: text('label'),
      application: text('label'),
      cause: oneOf(endCauses),
      endedBy: oneOf(['caller', 'callee', 'platform']),
      talkTimeMs: duration,
      billedMs: duration,
      chargedMicros: microsAmount,
      releasedMicros: microsAmount,
      ...recordedDay,
      endedAtMs: moment,
    },
    upcasters: [withoutZoneData],
  },
  CallFailed: {
    name: 'call.failed',
    version: 2,
    fields: {
      ...ofCall,
      mode,
      project: text('label'),
      application: text('label'),
      cause: oneOf(endCauses),
      releasedMicros: microsAmount,
      ...recordedDay,
      endedAtMs: moment,
    },
    upcasters: [withoutZoneData],
  },
  CallRefused: {
    name: 'call.refused',
    version: 3,
    fields: {
      presentedKeyId: id('key'),
      mode,
      code: oneOf(callRefusalCodes),
      to: nullable(sealedText),
      ...dayOfRefusal,
      refusedAtMs: moment,
    },
    upcasters: [fewerWords, withoutDay],
  },
  CallRefusalsCounted: {
    name: 'call.refusals_counted',
    version: 3,
    fields: {
      presentedKeyId: id('key'),
      mode,
      code: oneOf(callRefusalCodes),
      secondStartMs: moment,
      count,
      ...dayOfRefusal,
      countedAtMs: moment,
    },
    upcasters: [fewerWords, withoutDay],
  },

  CommandTurnedAway: {
    name: 'audit.command_turned_away',
    version: 2,
    fields: {
      presentedKeyId: nullable(id('key')),
      code: oneOf(turnAwayCodes),
      commandType: nullable(text('commandName')),
      count,
      turnedAwayAtMs: moment,
    },
    // Each told of one, while no gateway told of what it turned away.
    upcasters: [(data) => ({ ...data, count: 1 })],
  },
  CommandsTurnedAwayCounted: {
    name: 'audit.commands_turned_away_counted',
    version: 2,
    fields: {
      presentedKeyId: nullable(id('key')),
      code: oneOf(turnAwayCodes),
      secondStartMs: moment,
      count,
      countedAtMs: moment,
    },
    upcasters: [fewerWords],
  },

  LogOpened: {
    name: 'platform.log_opened',
    version: 1,
    fields: { logId: id('log'), laneCount: count, openedAtMs: moment },
  },
  RateDeckPublished: {
    name: 'platform.rate_deck_published',
    version: 1,
    fields: {
      deckId: id('deck'),
      deckVersion: count,
      currency: text('currency'),
      rowCount: count,
      rowsSha256: text('sha256'),
      effectiveFromMs: moment,
    },
  },
  NumberRangeOpened: {
    name: 'platform.number_range_opened',
    version: 1,
    fields: {
      prefix: text('prefixDigits'),
      territory: nullable(text('country')),
      kind: oneOf(numberKinds),
      effectiveFromMs: moment,
      effectiveUntilMs: nullable(moment),
      openedAtMs: moment,
    },
  },
};

const index = catalogueIndex(eventCatalogue);

/** Every event's CloudEvents type in its current version. */
export const ceTypes: { readonly [Type in DomainEventType]: string } = index.currentTypes;

/** Every CloudEvents type that an event of the log may have: in each version that ever was, oldest first. */
export const ceTypesEver: readonly string[] = index.everyType;

/** `ringfence.<context>.<fact>.v<version>`, in the version that this release writes. */
export function ceTypeOf(event: { readonly type: DomainEventType }): string {
  return ceTypes[event.type];
}

/** The event a wire name stands for, in whatever version; undefined for a name that this release does not know. */
export function eventTypeOf(ceType: string): DomainEventType | undefined {
  return index.parse(ceType)?.type;
}
