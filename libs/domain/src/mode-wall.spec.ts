import { describe, expect, it } from '@jest/globals';
import {
  exampleCalendar,
  exampleAccountId,
  exampleAppCreated,
  exampleCredit,
  exampleKeyIssued,
  exampleOpened,
  examplePlaceCall,
  examplePublicKey,
  exampleSecretCreated,
  exampleUnbounded,
  exampleVerified,
  nine,
  sealedExample,
} from '@ringfence/testing/examples';
import { exampleIpListCreated, exampleTrunkCreated } from '@ringfence/testing/trunk-examples';
import { exampleEvents } from '@ringfence/testing/example-events';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import type { KeyId } from '@ringfence/kernel/ids';
import { addDuration, durationMs } from '@ringfence/kernel/units';
import { accountModel, type AccountStreamCommand, type AccountStreamEvent } from './streams/account/account-stream.js';
import type { AccountState } from './streams/account/account-state.js';
import { commandAuthority } from './command-authority.js';
import { scopes } from './shared/scopes.js';
import type { Mode, Principal, CommandMetadata } from './shared/values.js';

const ids = new PredictableIds(9_000);
const accountId = exampleAccountId;
const later = addDuration(nine, durationMs(1_000));
const keyIds: Readonly<Record<Mode, KeyId>> = { live: ids.keyId(), test: ids.keyId() };
const others: Readonly<Record<Mode, KeyId>> = { live: ids.keyId(), test: ids.keyId() };
const realNumber = { clear: '+14155550100', sealed: sealedExample('+14155550100') };
const ownNumbers = { live: sealedExample('+14155550177'), test: exampleEvents.NumberReceived.ownNumber };
const calls = { live: examplePlaceCall(nine, { to: realNumber }, ids), test: examplePlaceCall(nine, {}, ids) };
const secretIds = { live: ids.webhookSecretId(), test: ids.webhookSecretId() } as const;
const appIds = { live: ids.voiceAppId(), test: ids.voiceAppId() } as const;
const ipListIds = { live: ids.ipListId(), test: ids.ipListId() } as const;
const trunkIds = { live: ids.sipTrunkId(), test: ids.sipTrunkId() } as const;
const operationId = ids.operationId();
const { name, value } = exampleSecretCreated();
const numbers = { live: ids.numberId(), test: ids.numberId() };
const { subjectId } = exampleOpened.name;
const trunk = { trunk: 'sandbox', tier: 'standard', rank: 1 } as const;

/** An account with money, two keys and a call in each mode. */
const state: AccountState = (() => {
  const keys = [keyIds, others].flatMap((pair) =>
    (['live', 'test'] as const).map((mode) => ({
      ...exampleKeyIssued({ scopes, ...exampleUnbounded }, pair[mode]),
      mode,
    })),
  );
  const credit = { ...exampleCredit, mode: 'live' } as const;
  const received = (['live', 'test'] as const).map((mode) => ({
    ...exampleEvents.NumberReceived,
    numberId: numbers[mode],
    ownNumber: ownNumbers[mode],
    mode,
  }));
  const made = (['live', 'test'] as const).map((mode) => ({ ...exampleSecretCreated(secretIds[mode]), mode }));
  const apps = (['live', 'test'] as const).map((mode) => ({ ...exampleAppCreated({}, appIds[mode]), mode }));
  const trunks = (['live', 'test'] as const).flatMap((mode) => [
    { ...exampleIpListCreated(ipListIds[mode]), mode },
    { ...exampleTrunkCreated({}, trunkIds[mode]), mode },
  ]);
  const history: readonly AccountStreamEvent[] = [
    ...[exampleOpened, exampleVerified, exampleCredit, credit],
    ...keys,
    ...received,
    ...made,
    ...apps,
    ...trunks,
  ];
  const opened = history.reduce(accountModel.evolve, accountModel.initialState);
  return (['live', 'test'] as const).reduce((before, mode) => {
    const principal = keyOf(keyIds[mode]);
    const decided = accountModel.decide(
      { ...calls[mode], routes: { live: [trunk], test: [trunk] }, principal },
      before,
    );
    if (!decided.accepted) throw new Error(`the ${mode} call is placed: ${decided.refusal.code}`);
    const placed = decided.events.reduce(accountModel.evolve, before);
    return accountModel.evolve(placed, { ...exampleEvents.CallAnswered, callId: calls[mode].callId });
  }, opened);
})();

function keyOf(keyId: KeyId): Principal {
  return { kind: 'key', keyId, home: 'account' };
}

type Commanded = Exclude<
  AccountStreamCommand,
  {
    type:
      | 'ActOnTime'
      | 'ReceiveCall'
      | 'ReceiveNumber'
      | 'RecordActionEnd'
      | 'RecordCallProgress'
      | 'RecordDeliveryFailure'
      | 'RecordFlowReply'
      | 'RecordPlaybackEnd'
      | 'TurnAwayCommand';
  }
>;
type Unstamped<Command> = Command extends unknown ? Omit<Command, keyof CommandMetadata> : never;
/** Each command that a key can present, once for a target of each mode; `both`: it concerns the account. */
const commands: Readonly<Record<Commanded['type'], (target: Mode) => Unstamped<Commanded>>> = {
  OpenAccount: () => ({
    ...exampleOpened,
    type: 'OpenAccount',
    pricedCurrencies: ['USD'],
    calendar: exampleCalendar,
    zoneDisputed: false,
  }),
  VerifyAccount: () => ({ type: 'VerifyAccount', accountId }),
  AddCredit: (mode) => ({ ...exampleCredit, type: 'AddCredit', mode }),
  SuspendAccount: () => ({ type: 'SuspendAccount', accountId, reason: 'fraud' }),
  ResumeAccount: () => ({ type: 'ResumeAccount', accountId }),
  SetAccountLimits: (mode) => ({
    type: 'SetAccountLimits',
    accountId,
    mode,
    callsPerSecond: null,
    burstCalls: null,
    linesMax: 1,
    dailySpendMicrosMax: null,
    dailySpendUnlimited: false,
  }),
  ChangeTimeZone: () => ({
    type: 'ChangeTimeZone',
    accountId,
    timeZone: 'Asia/Tokyo',
    calendar: exampleCalendar,
    zoneDisputed: false,
  }),
  EraseSubject: () => ({ type: 'EraseSubject', accountId, subjectId }),
  IssueKey: (mode) => ({ ...exampleKeyIssued({}, ids.keyId()), type: 'IssueKey', accountId, mode }),
  RegisterSigningKey: (mode) => ({
    ...exampleKeyIssued({}, ids.keyId()),
    type: 'RegisterSigningKey',
    accountId,
    publicKey: examplePublicKey,
    mode,
  }),
  RotateKey: (mode) => {
    const digest = { pepperId: 'p1', hmacSha256: 'ef'.repeat(32) };
    const overlapMs = durationMs(0);
    return { type: 'RotateKey', accountId, keyId: others[mode], digest, secretHint: 'a1B2', overlapMs };
  },
  ChangeKeyPolicy: (mode) => {
    const policyHashOf = () => '00'.repeat(32);
    return { type: 'ChangeKeyPolicy', accountId, keyId: others[mode], change: { linesMax: 1 }, policyHashOf };
  },
  RevokeKey: (mode) => ({ type: 'RevokeKey', accountId, keyId: others[mode], reason: 'leaked', onRevoke: null }),
  // A call is always of its key's mode: there is no command that could name another.
  PlaceCall: () => {
    const { nowMs: _now, principal: _by, ...call } = examplePlaceCall(later, { to: realNumber }, ids);
    return { ...call, routes: { live: [trunk], test: [trunk] } };
  },
  RenameNumber: (mode) => ({
    type: 'RenameNumber',
    accountId,
    numberId: numbers[mode],
    name: sealedExample('Support line'),
  }),
  AssignNumbers: (mode) => ({
    type: 'AssignNumbers',
    accountId,
    selection: { kind: 'listed', numberIds: [numbers[mode]] },
    target: { kind: 'voice_app', appId: appIds[mode] },
  }),
  UnassignNumbers: (mode) => ({
    type: 'UnassignNumbers',
    accountId,
    selection: { kind: 'listed', numberIds: [numbers[mode]] },
  }),
  WithdrawNumber: (mode) => ({ type: 'WithdrawNumber', accountId, numberId: numbers[mode] }),
  HangUpCall: (mode) => ({ type: 'HangUpCall', accountId, callId: calls[mode].callId, legId: null }),
  // A secret is of the mode of the key that creates it, as a call is.
  CreateWebhookSecret: () => ({
    type: 'CreateWebhookSecret',
    accountId,
    secretId: ids.webhookSecretId(),
    name,
    value,
  }),
  ChangeWebhookSecret: (mode) => ({
    type: 'ChangeWebhookSecret',
    accountId,
    secretId: secretIds[mode],
    name,
    rotation: null,
  }),
  CreateVoiceApp: () => ({
    type: 'CreateVoiceApp',
    accountId,
    appId: ids.voiceAppId(),
    settings: exampleAppCreated().settings,
    numberIds: [],
  }),
  ChangeVoiceApp: (mode) => ({
    type: 'ChangeVoiceApp',
    accountId,
    appId: appIds[mode],
    change: { status: 'inactive' },
  }),
  DeleteVoiceApp: (mode) => ({ type: 'DeleteVoiceApp', accountId, appId: appIds[mode] }),
  CreateIpList: () => ({
    type: 'CreateIpList',
    accountId,
    ipListId: ids.ipListId(),
    settings: exampleIpListCreated().settings,
  }),
  ChangeIpList: (mode) => ({ type: 'ChangeIpList', accountId, ipListId: ipListIds[mode], change: { name } }),
  DeleteIpList: (mode) => ({ type: 'DeleteIpList', accountId, ipListId: ipListIds[mode] }),
  CreateSipTrunk: () => ({
    type: 'CreateSipTrunk',
    accountId,
    trunkId: ids.sipTrunkId(),
    settings: exampleTrunkCreated().settings,
  }),
  ChangeSipTrunk: (mode) => ({ type: 'ChangeSipTrunk', accountId, trunkId: trunkIds[mode], change: { name } }),
  DeleteSipTrunk: (mode) => ({ type: 'DeleteSipTrunk', accountId, trunkId: trunkIds[mode] }),
  DeleteWebhookSecret: (mode) => ({ type: 'DeleteWebhookSecret', accountId, secretId: secretIds[mode] }),
  MuteLeg: (mode) => ({
    type: 'MuteLeg',
    accountId,
    callId: calls[mode].callId,
    legId: calls[mode].legId,
    muted: true,
  }),
  SendDigits: (mode) => ({
    type: 'SendDigits',
    accountId,
    callId: calls[mode].callId,
    legId: null,
    operationId,
    digitCount: 1,
    toneMs: durationMs(100),
  }),
  PlayMedia: (mode) => ({
    type: 'PlayMedia',
    accountId,
    callId: calls[mode].callId,
    legId: null,
    operationId,
    mediaUrl: sealedExample('https://app.example/notice.mp3'),
    timesPlayed: 1,
    onDigit: 'continue',
  }),
  SimulateInboundCall: (mode) => ({
    ...{ type: 'SimulateInboundCall', accountId, callId: ids.callId(), attemptId: ids.eventId() },
    ...{ from: calls.test.from, to: { clear: '+15005550199', sealed: ownNumbers[mode] } },
    ...{ givesUpAfterMs: durationMs(30_000), hangsUpAfterMs: durationMs(30_000) },
  }),
};

/** @returns `accepted`, or the refusal's code */
function answerTo(type: Commanded['type'], target: Mode, principal: Principal): string {
  // The members of the union are put together again: a command is what it was before its stamp was left out.
  const command = { ...commands[type](target), nowMs: later, principal } as Commanded;
  const decided = accountModel.decide(command, state);
  return decided.accepted ? 'accepted' : decided.refusal.code;
}

const no = 'presenter_not_allowed';
type Answers = { readonly [presenter in Mode]: { readonly [target in Mode]: string } };
const yes = 'accepted';
const accountWide: Answers = { live: { live: yes, test: yes }, test: { live: no, test: no } };
const nobodys: Answers = { live: { live: no, test: no }, test: { live: no, test: no } };
const own: Answers = { live: { live: yes, test: no }, test: { live: no, test: yes } };
const testBelow: Answers = { live: { live: yes, test: yes }, test: { live: no, test: yes } };
const everywhere: Answers = { live: { live: yes, test: yes }, test: { live: yes, test: yes } };
const hiddenAs = (code: string): Answers => ({ live: { live: yes, test: code }, test: { live: code, test: yes } });

const table: Readonly<Record<Commanded['type'], Answers>> = {
  OpenAccount: nobodys,
  VerifyAccount: nobodys,
  AddCredit: nobodys,
  SuspendAccount: accountWide,
  ResumeAccount: nobodys,
  SetAccountLimits: accountWide,
  ChangeTimeZone: accountWide,
  EraseSubject: accountWide,
  IssueKey: testBelow,
  RegisterSigningKey: testBelow,
  RotateKey: own,
  ChangeKeyPolicy: own,
  RevokeKey: testBelow,
  PlaceCall: everywhere,
  HangUpCall: hiddenAs('call_unknown'),
  CreateWebhookSecret: everywhere,
  ChangeWebhookSecret: hiddenAs('webhook_secret_unknown'),
  DeleteWebhookSecret: hiddenAs('webhook_secret_unknown'),
  CreateVoiceApp: everywhere,
  ChangeVoiceApp: hiddenAs('voice_app_unknown'),
  DeleteVoiceApp: hiddenAs('voice_app_unknown'),
  CreateIpList: everywhere,
  ChangeIpList: hiddenAs('ip_list_unknown'),
  DeleteIpList: hiddenAs('ip_list_unknown'),
  CreateSipTrunk: everywhere,
  ChangeSipTrunk: hiddenAs('sip_trunk_unknown'),
  DeleteSipTrunk: hiddenAs('sip_trunk_unknown'),
  RenameNumber: hiddenAs('number_unknown'),
  AssignNumbers: hiddenAs('number_unknown'),
  UnassignNumbers: hiddenAs('number_unknown'),
  WithdrawNumber: nobodys,
  MuteLeg: hiddenAs('call_unknown'),
  SendDigits: hiddenAs('call_unknown'),
  PlayMedia: hiddenAs('call_unknown'),
  SimulateInboundCall: { live: { live: no, test: no }, test: { live: 'number_unknown', test: yes } },
};

describe('the wall between live and test', () => {
  it.each(Object.entries(table))('separates %s', (name, expected) => {
    const type = name as Commanded['type']; // the table's own keys
    const answers = (presenter: Mode) => ({
      live: answerTo(type, 'live', keyOf(keyIds[presenter])),
      test: answerTo(type, 'test', keyOf(keyIds[presenter])),
    });
    expect({ live: answers('live'), test: answers('test') }).toEqual(expected);
  });

  it('places a call in the mode of its key, whatever other calls there are', () => {
    for (const mode of ['live', 'test'] as const) {
      const principal = keyOf(keyIds[mode]);
      const decided = accountModel.decide(
        { ...examplePlaceCall(later, { to: realNumber }, ids), routes: { live: [trunk], test: [trunk] }, principal },
        state,
      );
      expect(decided).toMatchObject({ accepted: true, events: [{ type: 'CallPlaced', mode }] });
    }
  });

  it('does not apply to operators', () => {
    const operators: readonly Principal[] = [
      { kind: 'operator', name: 'ops' },
      { kind: 'key', keyId: ids.keyId(), home: 'platform' },
    ];
    const allowed = Object.keys(table).filter(
      (type) => !['OpenAccount', 'VerifyAccount', 'ResumeAccount'].includes(type),
    );
    for (const principal of operators) {
      for (const type of allowed as readonly Commanded['type'][]) {
        if (!commandAuthority[type].platform) continue;
        expect([type, answerTo(type, 'live', principal), answerTo(type, 'test', principal)]).toEqual([type, yes, yes]);
      }
    }
  });
});
