import { describe, expect, it } from '@jest/globals';
import { exampleEvents, exampleNumber } from '@ringfence/testing/example-events';
import {
  exampleAccountId,
  exampleKeyId,
  exampleKeyIssued,
  exampleOpened,
  nine,
  sealedExample,
} from '@ringfence/testing/examples';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import { scenariosFor } from '@ringfence/testing/scenarios';
import type { ReceiveNumber, RenameNumber, WithdrawNumber } from '../../numbers/number.commands.js';
import type { Principal } from '../../shared/values.js';
import type { AccountState } from './account-state.js';
import { accountModel } from './account-stream.js';

const given = scenariosFor(accountModel);
const ids = new PredictableIds(8_000);
const { numberId } = exampleNumber;
const operator: Principal = { kind: 'operator', name: 'ops' };
const byKey: Principal = { kind: 'key', keyId: exampleKeyId, home: 'account' };
const key = exampleKeyIssued({ scopes: ['numbers:write'] });

const receive: ReceiveNumber = {
  type: 'ReceiveNumber',
  ...exampleNumber,
  nowMs: nine,
  principal: { kind: 'worker', workerId: 'numbers:spec' },
};
const received = { ...exampleEvents.NumberReceived, receivedAtMs: nine };
const rename: RenameNumber = {
  type: 'RenameNumber',
  accountId: exampleAccountId,
  numberId,
  name: sealedExample('Support line'),
  nowMs: nine,
  principal: byKey,
};
const withdraw: WithdrawNumber = {
  type: 'WithdrawNumber',
  accountId: exampleAccountId,
  numberId,
  nowMs: nine,
  principal: operator,
};
const withdrawn = { ...exampleEvents.NumberWithdrawn, withdrawnAtMs: nine };

describe('a number that the inventory has allocated to an account', () => {
  it('is received by it once', () => {
    given(exampleOpened).when(receive).then(received);
    given(exampleOpened, received).when(receive).thenRefused({ code: 'number_already_received' });
  });

  it('is not received by an account that was never opened', () => {
    given().when(receive).thenRefused({ code: 'number_undeliverable' });
  });

  it('is handed over by the platform alone', () => {
    for (const principal of [operator, byKey] as const)
      given(exampleOpened, key)
        .when({ ...receive, principal })
        .thenRefused({ code: 'presenter_not_allowed' });
  });
});

describe('a number that an account has', () => {
  it('is renamed with a key that has numbers:write, or by an operator', () => {
    const renamed = { ...exampleEvents.NumberRenamed, renamedAtMs: nine };
    given(exampleOpened, key, received).when(rename).then(renamed);
    given(exampleOpened, received)
      .when({ ...rename, principal: operator })
      .then(renamed);
    given(exampleOpened, exampleKeyIssued({ scopes: ['calls:write'] }), received)
      .when(rename)
      .thenRefused({ code: 'scope_missing' });
  });

  it('does not exist for a key of the other mode, nor for another account', () => {
    given(exampleOpened, key, { ...received, mode: 'live' })
      .when(rename)
      .thenRefused({ code: 'number_unknown' });
    given(exampleOpened, key, received)
      .when({ ...rename, numberId: ids.numberId() })
      .thenRefused({ code: 'number_unknown' });
  });

  it('is withdrawn by an operator, once, and then the account does not have it', () => {
    given(exampleOpened, received).when(withdraw).then(withdrawn);
    given(exampleOpened, received, withdrawn).when(withdraw).thenRefused({ code: 'number_unknown' });
    given(exampleOpened, key, received, withdrawn).when(rename).thenRefused({ code: 'number_unknown' });
    given().when(withdraw).thenRefused({ code: 'account_unknown' });
    given(exampleOpened, key, received)
      .when({ ...withdraw, principal: byKey })
      .thenRefused({ code: 'presenter_not_allowed' });
  });

  it('is in the snapshot of the account', () => {
    const state = [exampleOpened, received].reduce<AccountState>(accountModel.evolve, accountModel.initialState);
    const pieces = JSON.parse(JSON.stringify([...accountModel.snapshot(state)])) as Parameters<
      typeof accountModel.restore
    >[0];
    expect(accountModel.restore(pieces).numbers).toEqual(state.numbers);
    expect(accountModel.restore(pieces).numbersBySubject).toEqual(state.numbersBySubject);
    expect(accountModel.size(state)).toBe(1);
  });
});
