import { suspensionReasons } from '@ringfence/domain/accounts/account.events';
import { turnAwayCodes } from '@ringfence/domain/rejections/rejection.events';
import { commandAuthority } from '@ringfence/domain/command-authority';

import { endCauses } from '@ringfence/domain/calls/call.events';
import type { CallSignal, PlaceCall } from '@ringfence/domain/calls/call.commands';
import { revocationReasons } from '@ringfence/domain/keys/key.events';
import { numberKinds } from '@ringfence/domain/limits/numbering-plan';
import { modes, revocationPolicies, type SealedText } from '@ringfence/domain/shared/values';
import { canonicalJson } from '@ringfence/event-catalog/canonical-json';
import type { Catalogue } from '@ringfence/event-catalog/catalogue';
import { dataCodec } from '@ringfence/event-catalog/data-codec';
import { keyPolicyCodec } from '@ringfence/event-catalog/key-fields';
import {
  count,
  duration,
  flag,
  id,
  microsAmount,
  moment,
  nullable,
  oneOf,
  sealedText,
  secretDigest,
  text,
} from '@ringfence/event-catalog/shape';
import type { AccountId } from '@ringfence/kernel/ids';
import { invariant } from '@ringfence/kernel/invariant';
import type { JsonObject } from '@ringfence/kernel/json';
import type { DurationMs } from '@ringfence/kernel/units';
import type { CommandPayload, CommandPayloadOf } from '@ringfence/commands/command-dispatcher';
import { changeBeforeCaps, type Downcaster, policyBeforeCaps, policyWithoutCaps } from './wire-policy.js';
import {
  carriedPolicyChange,
  type CarriedPolicyChange,
  deliveredPolicyChange,
  policyChangeCodec,
  withEveryField,
  withoutCapsNamed,
} from './wire-policy-change.js';

type SignalKind = CallSignal['kind'];
type Ended = Extract<CallSignal, { kind: 'ended' }>;

/** A signal with all of its members beside each other; what its kind does not have is null. */
type CarriedProgress = Omit<CommandPayloadOf<'RecordCallProgress'>, 'signal'> & {
  readonly signal: SignalKind;
  readonly cause: Ended['cause'] | null;
  readonly endedBy: Ended['endedBy'] | null;
  readonly talkTimeMs: DurationMs | null;
};
/** Numbers travel sealed alone: who reads the topic learns nothing, and erasing a subject makes old commands unreadable too. */
type CarriedCall = Omit<CommandPayloadOf<'PlaceCall'>, 'from' | 'to'> & {
  readonly from: SealedText;
  readonly to: SealedText;
};
type CarriedKeyChange = Omit<CommandPayloadOf<'ChangeKeyPolicy'>, 'change'> & { readonly change: CarriedPolicyChange };
/** A wish as it travels between processes. */
export type WireCommand =
  | Exclude<CommandPayload, { readonly type: 'PlaceCall' | 'RecordCallProgress' | 'ChangeKeyPolicy' }>
  | CarriedCall
  | CarriedProgress
  | CarriedKeyChange;

const ofKey = { accountId: nullable(id('acc')), keyId: id('key') };
const ofCall = { accountId: id('acc'), callId: id('cs') };
const commandTypes: readonly string[] = Object.keys(commandAuthority);
const ofAccount = { accountId: id('acc') };

/** Every wish that one process may hand to another, with the class and codec of each of its fields. */
export const wireCommands: Catalogue<WireCommand> = {
  OpenAccount: {
    name: 'wish.open_account',
    version: 2,
    fields: {
      ...ofAccount,
      name: sealedText,
      currency: text('currency'),
      region: text('label'),
      timeZone: text('timeZone'),
      zoneDisputed: flag,
    },
    // Nobody had asked the database.
    upcasters: [(data) => ({ ...data, zoneDisputed: false })],
  },
  VerifyAccount: { name: 'wish.verify_account', version: 1, fields: ofAccount },
  SuspendAccount: {
    name: 'wish.suspend_account',
    version: 1,
    fields: { ...ofAccount, reason: oneOf(suspensionReasons) },
  },
  ResumeAccount: { name: 'wish.resume_account', version: 1, fields: ofAccount },
  SetAccountLimits: {
    name: 'wish.set_account_limits',
    version: 1,
    fields: {
      ...ofAccount,
      mode: oneOf(modes),
      callsPerSecond: nullable(count),
      burstCalls: nullable(count),
      linesMax: nullable(count),
      dailySpendMicrosMax: nullable(microsAmount),
      dailySpendUnlimited: flag,
    },
  },
  ChangeTimeZone: {
    name: 'wish.change_time_zone',
    version: 1,
    fields: { ...ofAccount, timeZone: text('timeZone'), zoneDisputed: flag },
  },
  AddCredit: {
    name: 'wish.add_credit',
    version: 1,
    fields: { ...ofAccount, mode: oneOf(modes), amountMicros: microsAmount, reference: nullable(sealedText) },
  },
  EraseSubject: { name: 'wish.erase_subject', version: 1, fields: { ...ofAccount, subjectId: nullable(id('sub')) } },
  IssueKey: {
    name: 'wish.issue_key',
    version: 2,
    fields: {
      ...ofKey,
      mode: oneOf(modes),
      label: sealedText,
      digest: secretDigest,
      secretHint: text('secretHint'),
      policy: keyPolicyCodec,
      policyHash: text('sha256'),
    },
    upcasters: [policyWithoutCaps],
  },
  RegisterSigningKey: {
    name: 'wish.register_signing_key',
    version: 2,
    fields: {
      ...ofKey,
      mode: oneOf(modes),
      label: sealedText,
      publicKey: text('publicKey'),
      policy: keyPolicyCodec,
      policyHash: text('sha256'),
    },
    upcasters: [policyWithoutCaps],
  },
  RotateKey: {
    name: 'wish.rotate_key',
    version: 1,
    fields: { ...ofKey, digest: secretDigest, secretHint: text('secretHint'), overlapMs: duration },
  },
  ChangeKeyPolicy: {
    name: 'wish.change_key_policy',
    version: 3,
    fields: { ...ofKey, change: policyChangeCodec },
    upcasters: [withEveryField, withoutCapsNamed],
  },
  RevokeKey: {
    name: 'wish.revoke_key',
    version: 1,
    fields: { ...ofKey, reason: oneOf(revocationReasons), onRevoke: nullable(oneOf(revocationPolicies)) },
  },
  PlaceCall: {
    name: 'wish.place_call',
    version: 1,
    fields: {
      ...ofCall,
      legId: id('cl'),
      attemptId: id('evt'),
      from: sealedText,
      to: sealedText,
      flowUrl: sealedText,
      statusCallbackUrl: nullable(sealedText),
      record: flag,
      ringTimeoutMs: duration,
    },
  },
  HangUpCall: { name: 'wish.hang_up_call', version: 1, fields: { ...ofCall, legId: nullable(id('cl')) } },
  RecordCallProgress: {
    name: 'wish.record_call_progress',
    version: 1,
    fields: {
      ...ofCall,
      attemptId: id('evt'),
      signal: oneOf(['ringing', 'answered', 'ended']),
      cause: nullable(oneOf(endCauses)),
      endedBy: nullable(oneOf(['caller', 'callee', 'platform'])),
      talkTimeMs: nullable(duration),
    },
  },
  TurnAwayCommand: {
    name: 'wish.turn_away_command',
    version: 2,
    fields: {
      accountId: nullable(id('acc')),
      presentedKeyId: nullable(id('key')),
      code: oneOf(turnAwayCodes),
      commandType: nullable(oneOf(commandTypes)),
      count,
    },
    // Each told of one.
    upcasters: [(data) => ({ ...data, count: 1 })],
  },
  PublishRateDeck: {
    name: 'wish.publish_rate_deck',
    version: 1,
    fields: {
      deckId: id('deck'),
      currency: text('currency'),
      rowCount: count,
      rowsSha256: text('sha256'),
      effectiveFromMs: moment,
    },
  },
  OpenNumberRange: {
    name: 'wish.open_number_range',
    version: 1,
    fields: {
      prefix: text('prefixDigits'),
      territory: nullable(text('country')),
      kind: oneOf(numberKinds),
      effectiveFromMs: nullable(moment),
      effectiveUntilMs: nullable(moment),
    },
  },
};

/** Writes and reads a carried wish as canonical JSON. */
export const wireCommandCodec = dataCodec<WireCommand>(wireCommands);

/** From the version that is written to the one that the release before reads. Taken away with the next release. */
const downcasters: ReadonlyMap<WireCommand['type'], Downcaster> = new Map([
  ['OpenAccount', ({ zoneDisputed, ...before }) => (zoneDisputed === false ? before : undefined)],
  ['IssueKey', policyBeforeCaps],
  ['RegisterSigningKey', policyBeforeCaps],
  ['ChangeKeyPolicy', changeBeforeCaps],
]);

/**
 * A wish as it stands on the topic: its CloudEvents type and canonical JSON. Gateways are replaced before deciders, so a wish that says nothing
 * new goes in the version that deciders of the release before read.
 * @throws Failure `event_field_invalid`
 */
export function onTopic(payload: WireCommand): { readonly ceType: string; readonly json: string } {
  const [ceType, json] = [wireCommandCodec.ceTypeOf(payload), wireCommandCodec.write(payload)];
  // Its own codec wrote it.
  const before = downcasters.get(payload.type)?.(JSON.parse(json) as JsonObject);
  if (before === undefined) return { ceType, json };
  const earlier = String(wireCommands[payload.type].version - 1);
  return { ceType: ceType.replace(/\d+$/, earlier), json: canonicalJson(before) };
}

export function toWire(payload: CommandPayload): WireCommand {
  switch (payload.type) {
    case 'PlaceCall':
      return { ...payload, from: payload.from.sealed, to: payload.to.sealed };
    case 'RecordCallProgress': {
      const { signal, ...rest } = payload;
      const ended = signal.kind === 'ended' ? signal : { cause: null, endedBy: null, talkTimeMs: null };
      const { cause, endedBy, talkTimeMs } = ended;
      return { ...rest, signal: signal.kind, cause, endedBy, talkTimeMs };
    }
    case 'ChangeKeyPolicy':
      return { ...payload, change: carriedPolicyChange(payload.change) };
    default:
      return payload;
  }
}

/** The personal values that a decision needs in clear. */
export function sealedIn(payload: WireCommand): readonly SealedText[] {
  return payload.type === 'PlaceCall' ? [payload.from, payload.to] : [];
}

/** The account that a wish is about; null: the platform. */
export function accountIn(payload: WireCommand): AccountId | null {
  return 'accountId' in payload ? payload.accountId : null;
}

/** Whether its members go together; each by itself is right. */
export function isConsistent(payload: WireCommand): boolean {
  if (payload.type !== 'RecordCallProgress') return true;
  const { signal, cause, endedBy, talkTimeMs } = payload;
  return [cause, endedBy, talkTimeMs].every((member) => (member !== null) === (signal === 'ended'));
}

/**
 * The wish as a lane takes it.
 * @param wish consistent
 * @param opened what `sealedIn` names, opened; null: erased since, and then it cannot be decided any more
 */
export function fromWire(payload: WireCommand, opened: readonly (string | null)[]): CommandPayload {
  switch (payload.type) {
    case 'PlaceCall': {
      const [from, to] = opened;
      return { ...payload, from: presented(payload.from, from), to: presented(payload.to, to) };
    }
    case 'RecordCallProgress': {
      const { signal: kind, cause, endedBy, talkTimeMs, ...rest } = payload;
      if (kind !== 'ended') return { ...rest, signal: { kind } };
      invariant(cause !== null && endedBy !== null && talkTimeMs !== null, 'the wish is consistent');
      return { ...rest, signal: { kind, cause, endedBy, talkTimeMs } };
    }
    case 'ChangeKeyPolicy':
      return { ...payload, change: deliveredPolicyChange(payload.change) };
    default:
      return payload;
  }
}

function presented(sealed: SealedText, clear: string | null | undefined): PlaceCall['from'] {
  return { clear: clear ?? '', sealed };
}
