import { describe, expect, it } from '@jest/globals';
import { exampleEvents, exampleNumber } from '@ringfence/testing/example-events';
import {
  exampleCalendar,
  byExampleKey,
  exampleAccountId,
  exampleAppCreated,
  exampleHistory,
  exampleKeyId,
  exampleKeyIssued,
  exampleOpened,
  examplePlaceCall,
  examplePolicy,
  exampleProgress,
  examplePublicKey,
  exampleSecretCreated,
  exampleSigningKeyId,
  exampleSigningKeyRegistered,
  nine,
  sealedExample,
} from '@ringfence/testing/examples';
import { exampleIpListCreated, exampleTrunkCreated } from '@ringfence/testing/trunk-examples';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import type { NumberId } from '@ringfence/kernel/ids';
import { addDuration, durationMs, micros } from '@ringfence/kernel/units';
import { accountModel, type AccountStreamCommand, type AccountStreamEvent } from './streams/account/account-stream.js';
import { accountNumbersMax } from './inventory/inventory.decider.js';
import { callRefusalCodes } from './calls/call-refusals.js';
import type { KeyPolicy } from './keys/key-policy.js';
import type { InventoryStreamCommand, InventoryStreamEvent } from './streams/inventory/inventory-messages.js';
import type { InventoryState } from './streams/inventory/inventory-state.js';
import { inventoryModel } from './streams/inventory/inventory-stream.js';
import type { PlatformStreamCommand, PlatformStreamEvent } from './streams/platform/platform-messages.js';
import { platformModel } from './streams/platform/platform-stream.js';
import type { Principal } from './shared/values.js';
import { refusalCatalogue, type RefusalCode } from './refusals.js';
import { voiceAppsMax } from './apps/voice-app.js';
import { ipListsMax } from './trunks/ip-list.js';
import { sipTrunksMax } from './trunks/sip-trunk.js';
import { webhookSecretsMax } from './webhooks/webhook-secret.js';

const operator: Principal = { kind: 'operator', name: 'ops' };
const of = { accountId: exampleAccountId, nowMs: nine, principal: operator } as const;
const { CallPlaced: placed, CallFailed: failed, AccountSuspended: suspended, KeyRevoked: revoked } = exampleEvents;
const place = examplePlaceCall(nine);
const opening = {
  ...exampleOpened,
  type: 'OpenAccount',
  pricedCurrencies: ['USD'],
  calendar: exampleCalendar,
  zoneDisputed: false,
} as const;
const hangUp = { type: 'HangUpCall', ...of, callId: placed.callId, legId: null } as const;
const mute = { type: 'MuteLeg', ...of, callId: placed.callId, muted: true } as const;
const ringing = exampleProgress(placed, { kind: 'ringing' }, nine);
const { mode, label, digest, secretHint, policyHash } = exampleKeyIssued();
const setLimits = {
  type: 'SetAccountLimits',
  ...of,
  mode: 'test',
  callsPerSecond: null,
  burstCalls: null,
  linesMax: null,
  dailySpendMicrosMax: null,
  dailySpendUnlimited: false,
} as const;
const issue = {
  type: 'IssueKey',
  ...of,
  keyId: exampleKeyId,
  mode,
  label,
  digest,
  secretHint,
  policy: examplePolicy,
  policyHash,
} as const;
const rotate = { type: 'RotateKey', ...of, keyId: exampleKeyId, digest, secretHint, overlapMs: durationMs(0) } as const;
const register = {
  type: 'RegisterSigningKey',
  ...of,
  keyId: exampleSigningKeyId,
  mode,
  label,
  publicKey: examplePublicKey,
  policy: examplePolicy,
  policyHash,
} as const;
const { presentedKeyId, code, count, turnedAwayAtMs } = exampleEvents.CommandTurnedAway;
const turnAway = {
  type: 'TurnAwayCommand',
  accountId: exampleAccountId,
  presentedKeyId,
  code,
  commandType: 'PlaceCall',
  count,
  nowMs: turnedAwayAtMs,
  principal: { kind: 'worker', workerId: 'wrk_example' },
} as const;
const { numberId } = exampleNumber;
const addNumber = {
  type: 'AddNumber',
  ...of,
  numberId,
  number: { clear: '+15005550100', sealed: exampleNumber.number },
  locality: null,
  name: null,
  numberingPlan: place.numberingPlan,
} as const;
const receive = { ...exampleNumber, type: 'ReceiveNumber', nowMs: nine, principal: turnAway.principal } as const;
const manyNumbers = () =>
  Array.from({ length: accountNumbersMax }, (_, at) => ({
    ...exampleEvents.NumberAdded,
    numberId: `vn_${String(at).padStart(26, '0')}` as NumberId,
    number: sealedExample(`number ${String(at)}`),
  }));
const received = exampleEvents.NumberReceived;
const key = (policy: Partial<KeyPolicy>) => exampleHistory(policy);
const writer = key({ scopes: ['webhooks:write'] });
const created = exampleSecretCreated();
const secretIds = new PredictableIds(400);
const ofSecret = { ...of, secretId: created.secretId, principal: byExampleKey } as const;
const createSecret = { type: 'CreateWebhookSecret', ...ofSecret, name: created.name, value: created.value } as const;
const onApp = (settings: Parameters<typeof exampleAppCreated>[0]) => [
  { ...received, ownNumber: place.from.sealed },
  { ...exampleAppCreated(settings), numberIds: [numberId] },
];
const appWriter = key({ scopes: ['apps:write'] });
const ofApp = { ...of, appId: exampleAppCreated().appId, principal: byExampleKey } as const;
const createApp = { type: 'CreateVoiceApp', ...ofApp, settings: exampleAppCreated().settings, numberIds: [] } as const;
const trunkWriter = key({ scopes: ['trunks:write'] });
const list = exampleIpListCreated();
const ofList = { ...of, ipListId: list.ipListId, principal: byExampleKey } as const;
const createList = { type: 'CreateIpList', ...ofList, settings: list.settings } as const;
const sipTrunk = exampleTrunkCreated();
const ofTrunk = { ...of, trunkId: sipTrunk.trunkId, principal: byExampleKey } as const;
const createTrunk = { type: 'CreateSipTrunk', ...ofTrunk, settings: sipTrunk.settings } as const;
const byList = { kind: 'ip_list', ipListId: list.ipListId } as const;
const to = (clear: string) => ({ to: { clear, sealed: sealedExample(clear) } });

const assignedApp = () => ({ ...exampleAppCreated(), numberIds: [numberId] });
const incoming = {
  ...place,
  type: 'ReceiveCall',
  to: { clear: '+15005550100', sealed: received.ownNumber },
  principal: turnAway.principal,
} as const;

type OfAccount = readonly [readonly AccountStreamEvent[], AccountStreamCommand];
type OfInventory = { readonly inventory: readonly [readonly InventoryStreamEvent[], InventoryStreamCommand] };
type OfPlatform = { readonly platform: readonly [readonly PlatformStreamEvent[], PlatformStreamCommand] };
/** Cause of each reason: a history and a command; or another part that gives it. */
const causes: Record<RefusalCode, OfAccount | OfInventory | OfPlatform | 'lane'> = {
  key_unknown: [[exampleOpened], place],
  key_revoked: [[...key({}), revoked], place],
  key_expired: [key({ expiresAtMs: nine }), place],
  scope_missing: [key({ scopes: ['calls:read'] }), place],
  presenter_not_allowed: [key({}), { ...place, principal: operator }],
  account_unknown: [[], { type: 'VerifyAccount', ...of }],
  account_already_open: [[exampleOpened], { ...opening, nowMs: nine, principal: operator }],
  account_not_verified: [[exampleOpened, exampleKeyIssued()], place],
  account_already_verified: [key({}), { type: 'VerifyAccount', ...of }],
  account_suspended: [[...key({}), suspended], place],
  account_already_suspended: [[...key({}), suspended], { type: 'SuspendAccount', ...of, reason: 'unpaid' }],
  account_not_suspended: [key({}), { type: 'ResumeAccount', ...of }],
  limits_invalid: [key({}), { ...setLimits, burstCalls: 0, principal: operator }],
  limits_not_approved: [
    [
      exampleOpened,
      { ...exampleKeyIssued({ scopes: ['accounts:admin'] }), mode: 'live' },
      exampleEvents.AccountLimitsSet,
    ],
    { ...setLimits, linesMax: 1_001, principal: byExampleKey },
  ],
  account_mismatch: [key({}), { ...issue, accountId: null }],
  subject_unknown: [key({}), { type: 'EraseSubject', ...of, subjectId: null }],
  subject_in_use: [[...key({}), received], { type: 'EraseSubject', ...of, subjectId: received.ownNumber.subjectId }],
  amount_invalid: [key({}), { type: 'AddCredit', ...of, mode: 'test', amountMicros: micros(0n), reference: null }],
  time_zone_unchanged: [
    [exampleOpened],
    { type: 'ChangeTimeZone', ...of, timeZone: exampleOpened.timeZone, calendar: exampleCalendar, zoneDisputed: false },
  ],
  time_zone_disputed: [[], { ...opening, zoneDisputed: true, nowMs: nine, principal: operator }],
  time_zone_invalid: [[], { ...opening, timeZone: 'here', nowMs: nine, principal: operator }],
  currency_invalid: [[], { ...opening, currency: 'XYZ', nowMs: nine, principal: operator }],
  currency_without_deck: [[], { ...opening, currency: 'CHF', nowMs: nine, principal: operator }],
  key_already_issued: [key({}), issue],
  key_already_revoked: [[...key({}), revoked], rotate],
  key_not_rotatable: [[...key({}), exampleSigningKeyRegistered()], { ...rotate, keyId: exampleSigningKeyId }],
  public_key_invalid: [key({}), { ...register, publicKey: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' }],
  policy_invalid: [[exampleOpened], { ...issue, policy: { ...examplePolicy, callsPerSecond: 0 } }],
  overlap_too_long: [key({}), { ...rotate, overlapMs: durationMs(10_000_000_000) }],
  number_invalid: [key({}), { ...place, ...to('911') }],
  caller_number_not_allowed: [key({ callerNumbers: [] }), place],
  number_range_unknown: [key({}), { ...place, ...to('+15655550123') }],
  destination_not_allowed: [key({}), { ...place, ...to('+19005550100') }],
  voice_app_inactive: [[...key({}), ...onApp({ status: 'inactive' })], place],
  rate_limited: [[...key({ callsPerSecond: 1, burstCalls: 1 }), { ...placed, placedAtMs: nine }], place],
  app_channels_exhausted: [[...key({}), ...onApp({ channelLimit: 0 })], place],
  lines_exhausted: [key({ linesMax: 0 }), place],
  key_cap_reached: [key({ callsMax: 0 }), place],
  daily_spend_exceeded: [key({ dailySpendMicrosMax: micros(0n) }), place],
  balance_insufficient: [[exampleOpened, exampleEvents.AccountVerified, exampleKeyIssued()], place],
  no_route: [key({}), { ...place, routes: { live: [], test: [] } }],
  number_already_added: { inventory: [[exampleEvents.NumberAdded], addNumber] },
  numbers_exhausted: { inventory: [manyNumbers(), addNumber] },
  number_unknown: [key({}), { type: 'WithdrawNumber', ...of, numberId }],
  no_numbers_selected: [
    key({ scopes: ['numbers:write'] }),
    {
      type: 'UnassignNumbers',
      ...of,
      selection: { kind: 'all', territories: null, assignedTo: null },
      principal: byExampleKey,
    },
  ],
  number_already_received: [[exampleOpened, exampleEvents.NumberReceived], receive],
  number_undeliverable: [[], receive],
  number_not_assigned: [[...key({}), received], incoming],
  answering_key_missing: [[...key({}), received, assignedApp()], incoming],
  answering_key_unusable: [
    appWriter,
    { ...createApp, settings: { ...createApp.settings, answeringKeyId: exampleSigningKeyId } },
  ],
  call_already_received: [
    [...key({}), exampleEvents.CallReceived],
    { ...incoming, callId: exampleEvents.CallReceived.callId },
  ],
  call_already_placed: [
    [...key({}), placed],
    { ...place, callId: placed.callId, nowMs: addDuration(nine, durationMs(5_000)) },
  ],
  call_unknown: [key({}), hangUp],
  call_not_live: [[...key({}), placed, failed], hangUp],
  call_not_controllable: [[...key({}), placed], { ...mute, legId: placed.legId }],
  leg_not_found: [[...key({}), placed], { ...hangUp, legId: place.legId }],
  progress_already_recorded: [[...key({}), placed, exampleEvents.CallRinging], ringing],
  attempt_mismatch: [[...key({}), placed], { ...ringing, attemptId: place.attemptId }],
  webhook_secret_unknown: [writer, { type: 'DeleteWebhookSecret', ...ofSecret }],
  webhook_secret_already_created: [[...writer, created], createSecret],
  webhook_secrets_exhausted: [
    [...writer, ...Array.from({ length: webhookSecretsMax }, () => exampleSecretCreated(secretIds.webhookSecretId()))],
    createSecret,
  ],
  webhook_secret_in_use: [
    [...writer, created, exampleAppCreated({ secretId: created.secretId })],
    { type: 'DeleteWebhookSecret', ...ofSecret },
  ],
  voice_app_unknown: [appWriter, { type: 'DeleteVoiceApp', ...ofApp }],
  voice_app_already_created: [[...appWriter, exampleAppCreated()], createApp],
  voice_apps_exhausted: [
    [...appWriter, ...Array.from({ length: voiceAppsMax }, () => exampleAppCreated({}, secretIds.voiceAppId()))],
    createApp,
  ],
  app_number_unknown: [appWriter, { ...createApp, numberIds: [numberId] }],
  voice_app_in_use: [
    [...appWriter, received, { ...exampleAppCreated(), numberIds: [numberId] }],
    { type: 'DeleteVoiceApp', ...ofApp },
  ],
  app_secret_unknown: [appWriter, { ...createApp, settings: { ...createApp.settings, secretId: created.secretId } }],
  ip_list_unknown: [trunkWriter, { type: 'DeleteIpList', ...ofList }],
  ip_list_already_created: [[...trunkWriter, list], createList],
  ip_lists_exhausted: [
    [...trunkWriter, ...Array.from({ length: ipListsMax }, () => exampleIpListCreated(secretIds.ipListId()))],
    createList,
  ],
  ip_list_invalid: [trunkWriter, { ...createList, settings: { ...list.settings, addresses: [] } }],
  ip_list_in_use: [
    [...trunkWriter, list, exampleTrunkCreated({ authentication: byList })],
    { type: 'DeleteIpList', ...ofList },
  ],
  sip_trunk_in_use: [
    [
      ...trunkWriter,
      received,
      sipTrunk,
      { ...exampleEvents.NumbersAssigned, target: { kind: 'sip_trunk', trunkId: sipTrunk.trunkId } },
    ],
    { type: 'DeleteSipTrunk', ...ofTrunk },
  ],
  sip_trunk_unknown: [trunkWriter, { type: 'DeleteSipTrunk', ...ofTrunk }],
  sip_trunk_already_created: [[...trunkWriter, sipTrunk], createTrunk],
  sip_trunks_exhausted: [
    [...trunkWriter, ...Array.from({ length: sipTrunksMax }, () => exampleTrunkCreated({}, secretIds.sipTrunkId()))],
    createTrunk,
  ],
  sip_trunk_invalid: [
    [...trunkWriter, list],
    { ...createTrunk, settings: { ...sipTrunk.settings, transport: 'udp', authentication: byList } },
  ],
  trunk_secret_unknown: [
    trunkWriter,
    { ...createTrunk, settings: { ...sipTrunk.settings, secretId: created.secretId } },
  ],
  trunk_ip_list_unknown: [trunkWriter, { ...createTrunk, settings: { ...sipTrunk.settings, authentication: byList } }],
  nothing_to_change: [[...writer, created], { type: 'ChangeWebhookSecret', ...ofSecret, name: null, rotation: null }],
  log_already_open: {
    platform: [
      [exampleEvents.LogOpened],
      { type: 'OpenLog', logId: exampleEvents.LogOpened.logId, laneCount: 64, nowMs: nine, principal: operator },
    ],
  },
  deck_already_published: {
    platform: [
      [exampleEvents.RateDeckPublished],
      { ...exampleEvents.RateDeckPublished, type: 'PublishRateDeck', nowMs: nine, principal: operator },
    ],
  },
  number_range_invalid: {
    platform: [
      [],
      {
        type: 'OpenNumberRange',
        prefix: '0',
        territory: 'US',
        kind: 'mobile',
        effectiveFromMs: null,
        effectiveUntilMs: null,
        nowMs: nine,
        principal: operator,
      },
    ],
  },
  turning_away_counted: [[...key({}), exampleEvents.CommandTurnedAway], turnAway],
  nothing_due: [key({}), { type: 'ActOnTime', calendar: exampleCalendar, nowMs: nine, principal: { kind: 'timer' } }],
  number_erased: 'lane',
  deadline_passed: 'lane',
  overloaded: 'lane',
  command_parked: 'lane',
  account_quarantined: 'lane',
};

function refusalOf(cause: OfAccount | OfInventory | OfPlatform): string {
  const decision = decisionOf(cause);
  return decision.accepted ? 'accepted' : decision.refusal.code;
}

function decisionOf(cause: OfAccount | OfInventory | OfPlatform) {
  if ('platform' in cause) {
    const [history, command] = cause.platform;
    return platformModel.decide(command, history.reduce(platformModel.evolve, platformModel.initialState));
  }
  if ('inventory' in cause) {
    const [history, command] = cause.inventory;
    const { initialState, evolve } = inventoryModel;
    return inventoryModel.decide(command, history.reduce<InventoryState>(evolve, initialState));
  }
  return accountModel.decide(cause[1], cause[0].reduce(accountModel.evolve, accountModel.initialState));
}

describe('the catalogue of refusals', () => {
  const decided = Object.entries(causes).flatMap(([code, cause]) =>
    typeof cause === 'string' ? [] : [[code, cause] as const],
  );
  it.each(decided)('%s comes about', (code, cause) => {
    expect(refusalOf(cause)).toBe(code);
  });

  it('keeps nothing that time, money or a retry can cure', () => {
    const curable: readonly RefusalCode[] = [
      'rate_limited',
      'lines_exhausted',
      'balance_insufficient',
      'daily_spend_exceeded',
      'no_route',
      'number_range_unknown',
      'currency_without_deck',
      'overloaded',
      'deadline_passed',
      'number_erased',
      'webhook_secrets_exhausted',
      'webhook_secret_in_use',
      'voice_apps_exhausted',
      'app_secret_unknown',
      'ip_lists_exhausted',
      'ip_list_in_use',
      'sip_trunks_exhausted',
      'sip_trunk_invalid',
      'trunk_secret_unknown',
      'trunk_ip_list_unknown',
    ];
    for (const code of curable) expect(refusalCatalogue[code].kept).toBe(false);
  });

  it('has every reason that PlaceCall gives', () => {
    expect(Object.keys(refusalCatalogue)).toEqual(expect.arrayContaining([...callRefusalCodes]));
  });

  it('is refused in sentences without a name or a number', () => {
    for (const [, cause] of decided) {
      if ('platform' in cause) continue;
      const decision = decisionOf(cause);
      const detail = decision.accepted ? '' : decision.refusal.detail;
      expect(detail).toMatch(/^([A-Z].*\.|[a-z_ ]+: .+)$/);
      expect(detail).not.toMatch(/\+\d{4,}|\b911\b/);
    }
  });

  it('is given to a presented key for its own command only', () => {
    expect(refusalOf([key({}), { ...hangUp, principal: byExampleKey }])).toBe('call_unknown');
  });
});
