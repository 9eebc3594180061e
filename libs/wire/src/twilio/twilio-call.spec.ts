import { describe, expect, it } from '@jest/globals';
import { endCauses } from '@ringfence/domain/calls/call.events';
import { parseAccountId, parseCallId } from '@ringfence/kernel/ids';
import { durationMs, epochMs } from '@ringfence/kernel/units';
import {
  callParameters,
  type DescribedCall,
  formBody,
  progressParameters,
  rfc2822,
  unansweredStatus,
} from './twilio-call.js';

const callId = parseCallId('cs_01M8Q5JAYZS9J208BHETK8A4NX');
const accountId = parseAccountId('acc_01M8Q5EXCY2SP110C09YTYA4JC');
if (callId === undefined || accountId === undefined) throw new Error('no ids');
const call: DescribedCall = {
  callId,
  accountId,
  from: '+15005550100',
  to: '+15005550000',
  status: 'in-progress',
  direction: 'outbound-api',
};
const described = {
  CallSid: 'CA01a22e592bdfca6420217176a68512bd',
  AccountSid: 'AC01a22e57759e166c1081804fb5e5124c',
  ApiVersion: '2010-04-01',
  From: '+15005550100',
  To: '+15005550000',
  Caller: '+15005550100',
  Called: '+15005550000',
  CallStatus: 'in-progress',
  Direction: 'outbound-api',
};

describe('a request about a call', () => {
  it('describes the call', () => {
    expect(Object.fromEntries(callParameters(call))).toEqual(described);
  });

  it('has empty numbers where the subject was erased', () => {
    expect(Object.fromEntries(callParameters({ ...call, from: null }))).toMatchObject({ From: '', Caller: '' });
  });

  it('is a form, with what needs it escaped', () => {
    expect(
      formBody([
        ['To', '+1 500&'],
        ['Digits', '#'],
      ]),
    ).toBe('To=%2B1+500%26&Digits=%23');
  });
});

describe('a status callback', () => {
  const occurredAtMs = epochMs(Date.parse('2018-03-25T09:53:19.750Z'));

  it('adds its place among the others, and its time', () => {
    const parameters = progressParameters(call, { sequence: 2, occurredAtMs, talkTimeMs: null });
    expect(Object.fromEntries(parameters)).toEqual({
      ...described,
      CallbackSource: 'call-progress-events',
      SequenceNumber: '2',
      Timestamp: 'Sun, 25 Mar 2018 09:53:19 +0000',
    });
  });

  it.each<[talkTimeMs: number, seconds: string, minutes: string]>([
    [0, '0', '0'],
    [1, '1', '1'],
    [60_000, '60', '1'],
    [60_001, '61', '2'],
  ])('gives %i ms of talk as %s s and %s min begun', (talkTimeMs, seconds, minutes) => {
    const ended = { sequence: 3, occurredAtMs, talkTimeMs: durationMs(talkTimeMs) };
    expect(Object.fromEntries(progressParameters({ ...call, status: 'completed' }, ended))).toMatchObject({
      CallDuration: seconds,
      Duration: minutes,
    });
  });
});

describe('the status of a call that was not answered', () => {
  it.each([...endCauses])('of %s is a final one', (cause) => {
    const expected = { busy: 'busy', no_answer: 'no-answer', caller_hangup: 'canceled', cancelled: 'canceled' };
    expect(unansweredStatus(cause)).toBe((expected as Record<string, string>)[cause] ?? 'failed');
  });
});

describe('a moment', () => {
  it('is in the form of RFC 2822, in UTC', () => {
    expect(rfc2822(epochMs(Date.parse('2010-08-31T20:36:28Z')))).toBe('Tue, 31 Aug 2010 20:36:28 +0000');
  });
});
