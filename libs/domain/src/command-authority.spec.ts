import { describe, expect, it } from '@jest/globals';
import { commandAuthority } from './command-authority.js';

/** The table that people read: who may present what. A change here is a change of the product's promises. */
describe('who may present a command', () => {
  it.each([
    ['OpenAccount', 'accounts:admin', null, true],
    ['VerifyAccount', 'accounts:admin', null, true],
    ['AddCredit', 'accounts:admin', null, true],
    ['OpenNumberRange', 'accounts:admin', null, true],
    ['PublishRateDeck', 'accounts:admin', null, true],
    ['ResumeAccount', 'accounts:admin', null, true],
    ['SuspendAccount', 'accounts:admin', 'account', true],
    ['SetAccountLimits', 'accounts:admin', 'account', true],
    ['ChangeTimeZone', 'accounts:admin', 'account', true],
    ['EraseSubject', 'accounts:admin', 'account', true],
    ['IssueKey', 'keys:write', 'test_below', true],
    ['RegisterSigningKey', 'keys:write', 'test_below', true],
    ['RevokeKey', 'keys:write', 'test_below', true],
    ['RotateKey', 'keys:write', 'own', true],
    ['ChangeKeyPolicy', 'keys:write', 'own', true],
    ['HangUpCall', 'calls:write', 'own', true],
    ['PlaceCall', 'calls:write', 'own', false],
    ['CreateVoiceApp', 'apps:write', 'own', false],
    ['ChangeVoiceApp', 'apps:write', 'own', false],
    ['DeleteVoiceApp', 'apps:write', 'own', false],
    ['CreateIpList', 'trunks:write', 'own', false],
    ['ChangeIpList', 'trunks:write', 'own', false],
    ['DeleteIpList', 'trunks:write', 'own', false],
    ['CreateSipTrunk', 'trunks:write', 'own', false],
    ['ChangeSipTrunk', 'trunks:write', 'own', false],
    ['DeleteSipTrunk', 'trunks:write', 'own', false],
    ['CreateWebhookSecret', 'webhooks:write', 'own', false],
    ['ChangeWebhookSecret', 'webhooks:write', 'own', false],
    ['DeleteWebhookSecret', 'webhooks:write', 'own', false],
    ['RecordCallProgress', null, null, false],
    ['RecordDeliveryFailure', null, null, false],
    ['TurnAwayCommand', null, null, false],
    ['ActOnTime', null, null, false],
    ['OpenLog', null, null, false],
  ] as const)("%s: with %s; account's own keys: %s; operators: %s", (type, scope, account, platform) => {
    expect(commandAuthority[type]).toEqual({ scope, account, platform });
  });
});
