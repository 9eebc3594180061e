import { describe } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { RevokeKeyController } from './revoke-key.js';

describe('revoking a key', () => {
  const itAnswers = problemsOf(RevokeKeyController);

  itAnswers('not_found', 'where a key names one of another account', async (world) => {
    const key = await world.key(await world.account());
    const other = await world.key(await world.account());
    return world.post(`keys/${other.id}/revoke`, {}, key.secret);
  });

  itAnswers('key_already_revoked', 'the second time', async (world) => {
    const key = await world.key(await world.account());
    await world.given(world.post(`keys/${key.id}/revoke`));
    return world.post(`keys/${key.id}/revoke`);
  });
});
