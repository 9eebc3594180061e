import { describe, expect, it } from '@jest/globals';
import { commandAuthority } from './command-authority.js';

/** The table that people read: who may present what. A change here is a change of the product's promises. */
describe('who may present a command', () => {
  it.each([
    ['OpenAccount', 'accounts:admin', 'operators'],
    ['VerifyAccount', 'accounts:admin', 'operators'],
    ['AddCredit', 'accounts:admin', 'operators'],
    ['PublishRateDeck', 'accounts:admin', 'operators'],
    ['SuspendAccount', 'accounts:admin', 'both'],
    ['EraseSubject', 'accounts:admin', 'both'],
    ['IssueKey', 'keys:write', 'both'],
    ['RegisterSigningKey', 'keys:write', 'both'],
    ['RotateKey', 'keys:write', 'both'],
    ['ChangeKeyPolicy', 'keys:write', 'both'],
    ['RevokeKey', 'keys:write', 'both'],
    ['HangUpCall', 'calls:write', 'both'],
    ['PlaceCall', 'calls:write', 'accounts'],
    ['RecordCallProgress', null, 'no key'],
    ['TurnAwayCommand', null, 'no key'],
    ['ActOnTime', null, 'no key'],
    ['OpenLog', null, 'no key'],
  ] as const)('%s: with %s, %s', (type, scope, who) => {
    const { account, platform } = commandAuthority[type];
    const actual = account ? (platform ? 'both' : 'accounts') : platform ? 'operators' : 'no key';
    expect([commandAuthority[type].scope, actual]).toEqual([scope, who]);
  });
});
