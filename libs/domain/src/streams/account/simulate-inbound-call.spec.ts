import { it } from '@jest/globals';
import { exampleEvents } from '@ringfence/testing/example-events';
import {
  exampleHistory,
  exampleKeyId,
  exampleOpened,
  exampleSigningKeyId,
  examplePlaceCall,
  nine,
} from '@ringfence/testing/examples';
import { scenariosFor } from '@ringfence/testing/scenarios';
import { durationMs } from '@ringfence/kernel/units';
import type { SimulateInboundCall } from '../../calls/call.commands.js';
import { accountModel } from './account-stream.js';

const given = scenariosFor(accountModel);
const { accountId, callId, attemptId, from, principal } = examplePlaceCall(nine);
const number = exampleEvents.NumberReceived;
const script = { givesUpAfterMs: durationMs(0), hangsUpAfterMs: durationMs(9_000) };
const command: SimulateInboundCall = {
  type: 'SimulateInboundCall',
  ...{ accountId, callId, attemptId, from, principal, ...script, nowMs: nine },
  to: { clear: '+15005550199', sealed: number.ownNumber },
};
const opened = exampleHistory({});

it('lets a caller ring a test number of the account', () => {
  given(...opened, number)
    .when(command)
    .then({
      type: 'InboundCallSimulated',
      ...{ callId, attemptId, accountId, keyId: exampleKeyId, mode: 'test', numberId: number.numberId },
      ...{ from: from.sealed, to: number.ownNumber, ...script, simulatedAtMs: nine },
    });
});

it.each([
  ['of another account', []],
  ['that is live', [{ ...number, mode: 'live' } as const]],
])('does not let one ring a number %s', (_which, numbers) => {
  given(...opened, ...numbers)
    .when(command)
    .thenRefused({ code: 'number_unknown' });
});

it('takes numbers in E.164 alone', () => {
  given(...opened, number)
    .when({ ...command, from: { ...from, clear: '911' } })
    .thenRefused({ code: 'number_invalid' });
});

it('makes one call of an id', () => {
  given(...opened, number, { ...exampleEvents.CallReceived, callId })
    .when(command)
    .thenRefused({ code: 'call_already_received' });
});

it('needs a key of the account', () => {
  given(exampleOpened).when(command).thenRefused({ code: 'key_unknown' });
  given(...opened, number)
    .when({ ...command, principal: { kind: 'key', keyId: exampleSigningKeyId, home: 'account' } })
    .thenRefused({ code: 'key_unknown' });
});
