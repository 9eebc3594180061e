import { describe, expect, it } from '@jest/globals';
import { addDuration, durationMs, micros } from '@ringfence/kernel/units';
import { exampleAccountId, nine } from '@ringfence/testing/examples';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import { type ShownCall, twilioCallBody } from './twilio-call-body.js';

const later = (seconds: number) => addDuration(nine, durationMs(seconds * 1_000));
const placed: ShownCall = {
  ...{ callId: new PredictableIds().callId(), accountId: exampleAccountId, state: 'initiated', cause: null },
  direction: 'outbound',
  ...{ placedAtMs: nine, ringingAtMs: null, answeredAtMs: null, endedAtMs: null },
  ...{ talkTimeMs: null, chargedMicros: null },
};
const numbers = { from: '+15005550100', to: '+15005550000' };
const bodyOf = (more: Partial<ShownCall>) => twilioCallBody({ ...placed, ...more }, numbers, 'USD');
const ended = { endedAtMs: later(9), talkTimeMs: durationMs(0), chargedMicros: micros(0n) };

describe('a call in Twilio’s fields', () => {
  it.each<[status: string, call: Partial<ShownCall>]>([
    ['queued', {}],
    ['ringing', { state: 'ringing' }],
    ['in-progress', { state: 'answered' }],
    ['completed', { state: 'completed', cause: 'callee_hangup', ...ended }],
    ['busy', { state: 'failed', cause: 'busy', ...ended }],
    ['no-answer', { state: 'failed', cause: 'no_answer', ...ended }],
    ['canceled', { state: 'failed', cause: 'caller_hangup', ...ended }],
    ['failed', { state: 'failed', cause: 'carrier_failure', ...ended }],
  ])('is %s', (status, call) => {
    expect(bodyOf(call)).toMatchObject({ status });
  });

  it.each<[chargedMicros: bigint, price: string]>([
    [0n, '0.00000'],
    [2_000n, '-0.00200'],
    [1n, '-0.000001'],
    [30_010n, '-0.03001'],
    [12_345_678n, '-12.345678'],
    [1_000_000n, '-1.00000'],
  ])('that cost %s micros has the price %s', (chargedMicros, price) => {
    expect(bodyOf({ ...ended, state: 'completed', chargedMicros: micros(chargedMicros) })).toMatchObject({ price });
  });

  it('has a duration in seconds begun once it has ended, never null', () => {
    expect(bodyOf({})).toMatchObject({ duration: null, price: null, end_time: null });
    expect(bodyOf({ ...ended, state: 'failed' })).toMatchObject({ duration: '0' });
    const talked = { ...ended, state: 'completed', talkTimeMs: durationMs(10_001) } as const;
    expect(bodyOf(talked)).toMatchObject({ duration: '11', end_time: 'Mon, 21 Sep 2026 14:13:29 +0000' });
  });

  it('has an empty text for a number that was erased', () => {
    expect(twilioCallBody(placed, { from: null, to: null }, 'USD')).toMatchObject({ from: '', to: '' });
  });
});
