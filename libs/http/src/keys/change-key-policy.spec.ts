import { describe } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { ChangeKeyPolicyController } from './change-key-policy.js';

describe('changing the policy of a key', () => {
  const itAnswers = problemsOf(ChangeKeyPolicyController);

  itAnswers('not_found', 'where a key names one of another account', async (world) => {
    const key = await world.key(await world.account());
    const other = await world.key(await world.account());
    return world.patch(`keys/${other.id}/policy`, { lines_max: 1 }, key.secret);
  });

  itAnswers('key_already_revoked', 'for a key that was revoked', async (world) => {
    const key = await world.key(await world.account());
    await world.given(world.post(`keys/${key.id}/revoke`));
    return world.patch(`keys/${key.id}/policy`, { lines_max: 1 });
  });

  itAnswers('policy_invalid', 'for an expiry that is over', async (world) => {
    const key = await world.key(await world.account());
    return world.patch(`keys/${key.id}/policy`, { expires_at: '2020-01-01T00:00:00Z' });
  });

  itAnswers('scope_missing', 'to a key that gives itself a scope', async (world) => {
    const key = await world.key(await world.account(), { scopes: ['keys:write'] });
    return world.patch(`keys/${key.id}/policy`, { scopes: ['keys:write', 'calls:write'] }, key.secret);
  });

  itAnswers('presenter_not_allowed', 'to a key that widens its own policy', async (world) => {
    const key = await world.key(await world.account(), { lines_max: 1 });
    return world.patch(`keys/${key.id}/policy`, { lines_max: 2 }, key.secret);
  });
});
