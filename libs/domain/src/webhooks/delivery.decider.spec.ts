import { describe, it } from '@jest/globals';
import { byExampleKey, exampleAccountId, exampleHistory, nine } from '@ringfence/testing/examples';
import { exampleEvents } from '@ringfence/testing/example-events';
import { scenariosFor } from '@ringfence/testing/scenarios';
import { accountModel, type AccountStreamCommand } from '../streams/account/account-stream.js';

const given = scenariosFor(accountModel);
const opened = exampleHistory();
const { WebhookDeliveryFailed: failed, AccountSuspended: suspended } = exampleEvents;
const { type: _type, failedAtMs: _failedAtMs, ...failure } = failed;
const record: AccountStreamCommand = {
  type: 'RecordDeliveryFailure',
  accountId: exampleAccountId,
  nowMs: nine,
  principal: { kind: 'worker', workerId: 'webhooks:spec' },
  ...failure,
};

describe('a delivery that has failed for good', () => {
  it('is recorded, whether the account may place calls or not', () => {
    given(...opened)
      .when(record)
      .then({ ...failed, failedAtMs: nine });
    given(...opened, suspended)
      .when(record)
      .then({ ...failed, failedAtMs: nine });
  });

  it('is recorded by nobody but the platform, and for no account that was never opened', () => {
    for (const principal of [byExampleKey, { kind: 'operator', name: 'ops' }] as const)
      given(...opened)
        .when({ ...record, principal })
        .thenRefused({ code: 'presenter_not_allowed' });
    given().when(record).thenRefused({ code: 'account_unknown' });
  });
});
