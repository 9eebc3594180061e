import type { ZoneAgreement } from '@ringfence/calendar/database-zones';
import { ianaCalendar } from '@ringfence/calendar/iana-calendar';
import { libphonenumberPlan } from '@ringfence/numbering/numbering-plan';
import type { VoiceAppCreated, VoiceAppSettings } from '@ringfence/domain/apps/voice-app.events';
import type { AccountOpened, AccountVerified, CreditAdded } from '@ringfence/domain/accounts/account.events';
import { compileRateDecks } from '@ringfence/domain/billing/rating/rate-deck';
import { firstRateDeck } from '@ringfence/domain/billing/rating/first-rate-deck';
import type { CallSignal, PlaceCall, RecordCallProgress } from '@ringfence/domain/calls/call.commands';
import type { Routes } from '@ringfence/domain/routing/routes';
import type { CallPlaced } from '@ringfence/domain/calls/call.events';
import { destinationOrder } from '@ringfence/domain/limits/destination-order';
import type { KeyIssued, SigningKeyRegistered } from '@ringfence/domain/keys/key.events';
import { type KeyPolicy, noBounds } from '@ringfence/domain/keys/key-policy';
import { burstCallsMax, callsPerSecondMax, linesMaxMax } from '@ringfence/domain/limits/account-limits';
import { asSecret, type Principal, type SealedText } from '@ringfence/domain/shared/values';
import type { WebhookSecretCreated } from '@ringfence/domain/webhooks/webhook.events';
import type { CommandPayloadOf } from '@ringfence/commands/command-dispatcher';
import type { AccountId, KeyId, VoiceAppId, WebhookSecretId } from '@ringfence/kernel/ids';
import { durationMs, epochMs, micros, type EpochMs } from '@ringfence/kernel/units';
import { PredictableIds } from './predictable-ids.js';

const ids = new PredictableIds();

export const exampleAccountId = ids.accountId();
export const exampleKeyId = ids.keyId();
export const nine = epochMs(1_790_000_000_000);
export const exampleDeckId = ids.deckId();
export const exampleSigningKeyId = new PredictableIds(700).keyId();
export const exampleSecretId = ids.webhookSecretId();
export const exampleAppId = ids.voiceAppId();

export const exampleCalendar = ianaCalendar;
/** Zones for tests that do not concern zones. */
export const agreedZones: ZoneAgreement = { agrees: () => Promise.resolve(true) };

/** A sealed text as a vault would make it: one subject for each value. */
export function sealedExample(value: string): SealedText {
  const digits = Array.from(value)
    .map((letter) => letter.charCodeAt(0) % 10)
    .join('');
  return {
    subjectId: `sub_${digits.slice(-26).padStart(26, '0')}` as SealedText['subjectId'],
    ciphertext: 'c2VhbGVk'.padEnd(40, 'A'),
  };
}

export const examplePolicy: KeyPolicy = {
  scopes: ['calls:write', 'calls:read', 'keys:write', 'keys:read'],
  callsPerSecond: 10,
  burstCalls: 5,
  linesMax: 20,
  ...noBounds,
  onRevoke: 'hangup',
  project: 'switchboard',
  application: 'reminders',
};

/** Fields that bound nothing: a key with them issues ordinary keys. */
export const exampleUnbounded = {
  callsPerSecond: callsPerSecondMax,
  burstCalls: burstCallsMax,
  linesMax: linesMaxMax,
} as const satisfies Partial<KeyPolicy>;

export const exampleOpened: AccountOpened = {
  type: 'AccountOpened',
  accountId: exampleAccountId,
  name: sealedExample('Example Inc'),
  currency: 'USD',
  region: 'eu',
  timeZone: 'Europe/Berlin',
  openedAtMs: nine,
};
export const exampleVerified: AccountVerified = {
  type: 'AccountVerified',
  accountId: exampleAccountId,
  verifiedAtMs: nine,
};
export const exampleCredit: CreditAdded = {
  type: 'CreditAdded',
  accountId: exampleAccountId,
  mode: 'test',
  amountMicros: micros(100_000_000n),
  reference: null,
  addedAtMs: nine,
};

export function exampleKeyIssued(policy: Partial<KeyPolicy> = {}, keyId: KeyId = exampleKeyId): KeyIssued {
  return {
    type: 'KeyIssued',
    keyId,
    accountId: exampleAccountId,
    mode: 'test',
    parentKeyId: null,
    label: sealedExample('front desk'),
    digest: { pepperId: 'p1', hmacSha256: 'ab'.repeat(32) },
    secretHint: 'x9Kq',
    policy: { ...examplePolicy, ...policy },
    policyHash: 'cd'.repeat(32),
    issuedAtMs: nine,
  };
}

/** The public half of RFC 8032's first test vector. */
export const examplePublicKey = '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo';

export function exampleSigningKeyRegistered(
  policy: Partial<KeyPolicy> = {},
  keyId: KeyId = exampleSigningKeyId,
): SigningKeyRegistered {
  return {
    type: 'SigningKeyRegistered',
    keyId,
    accountId: exampleAccountId,
    mode: 'test',
    parentKeyId: null,
    label: sealedExample('night batch'),
    publicKey: examplePublicKey,
    policy: { ...examplePolicy, ...policy },
    policyHash: 'cd'.repeat(32),
    registeredAtMs: nine,
  };
}

export function exampleSecretCreated(secretId: WebhookSecretId = exampleSecretId): WebhookSecretCreated {
  return {
    type: 'WebhookSecretCreated',
    secretId,
    mode: 'test',
    name: sealedExample('orders'),
    value: asSecret(sealedExample('whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD')),
    createdAtMs: nine,
  };
}

const exampleAppSettings: VoiceAppSettings = {
  name: sealedExample('front desk'),
  flowUrl: sealedExample('https://example.com/flow'),
  webhookUrl: sealedExample('https://example.com/webhooks'),
  fallbackUrl: null,
  status: 'active',
  channelLimit: 10,
  secretId: null,
  webhookApiVersion: '2026-06-01',
  answeringKeyId: null,
};

export function exampleAppCreated(
  settings: Partial<VoiceAppSettings> = {},
  appId: VoiceAppId = exampleAppId,
): VoiceAppCreated {
  return {
    type: 'VoiceAppCreated',
    appId,
    mode: 'test',
    settings: { ...exampleAppSettings, ...settings },
    numberIds: [],
    createdAtMs: nine,
  };
}

export const byExampleKey: Principal = { kind: 'key', keyId: exampleKeyId, home: 'account' };
export const exampleRoutes: Routes = { live: [], test: [{ trunk: 'sandbox', tier: 'standard', rank: 1 }] };
export const exampleDecks = compileRateDecks([
  {
    deckId: exampleDeckId,
    deckVersion: 1,
    currency: firstRateDeck.currency,
    effectiveFromMs: epochMs(0),
    rows: firstRateDeck.rows,
  },
]);

export const exampleOrder = destinationOrder(libphonenumberPlan, exampleDecks, nine);

/** Destination that events record for a sandbox number. */
export const exampleDestination: NonNullable<CallPlaced['destination']> = {
  territory: 'US',
  kind: 'sandbox',
  plan: libphonenumberPlan.version,
  openedRange: null,
};

function sandboxRate(): CallPlaced['rate'] {
  const found = exampleDecks.quote('15005550000', 'USD', nine);
  if (found === undefined) throw new RangeError('the first rate deck prices the sandbox');
  return found;
}
/** Terms of a call to the sandbox. */
export const exampleTerms = {
  rate: sandboxRate(),
  destination: exampleDestination,
  candidates: exampleRoutes.test,
} as const satisfies Partial<CallPlaced>;

/** The command that opens an account. */
export function exampleOpening(
  accountId: AccountId,
  change: Partial<CommandPayloadOf<'OpenAccount'>> = {},
): CommandPayloadOf<'OpenAccount'> {
  return {
    type: 'OpenAccount',
    accountId,
    name: sealedExample('Example Inc'),
    currency: 'USD',
    region: 'eu',
    timeZone: 'UTC',
    zoneDisputed: false,
    ...change,
  };
}

export function examplePlaceCall(
  nowMs: EpochMs,
  change: Partial<PlaceCall> = {},
  from: PredictableIds = ids,
): PlaceCall {
  return {
    type: 'PlaceCall',
    accountId: exampleAccountId,
    callId: from.callId(),
    legId: from.legId(),
    attemptId: from.eventId(),
    from: { clear: '+14155550100', sealed: sealedExample('+14155550100') },
    to: { clear: '+15005550000', sealed: sealedExample('+15005550000') },
    flowUrl: sealedExample('https://app.example/flow'),
    statusCallbackUrl: null,
    record: true,
    ringTimeoutMs: durationMs(60_000),
    rateDecks: exampleDecks,
    routes: exampleRoutes,
    numberingPlan: libphonenumberPlan,
    calendar: exampleCalendar,
    nowMs,
    principal: byExampleKey,
    ...change,
  };
}

export function exampleProgress(
  placed: Pick<PlaceCall, 'callId' | 'attemptId'>,
  signal: CallSignal,
  nowMs: EpochMs,
): RecordCallProgress {
  return {
    type: 'RecordCallProgress',
    accountId: exampleAccountId,
    callId: placed.callId,
    attemptId: placed.attemptId,
    signal,
    nowMs,
    principal: { kind: 'worker', workerId: 'wrk_example' },
  };
}

/** A verified account with credit and one key: what most stories begin with. */
export function exampleHistory(
  policy: Partial<KeyPolicy> = {},
): readonly [AccountOpened, AccountVerified, CreditAdded, KeyIssued] {
  return [exampleOpened, exampleVerified, exampleCredit, exampleKeyIssued(policy)];
}
