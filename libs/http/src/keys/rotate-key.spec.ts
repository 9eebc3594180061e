import { describe } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { RotateKeyController } from './rotate-key.js';

describe('rotating a key', () => {
  const itAnswers = problemsOf(RotateKeyController);

  itAnswers('not_found', 'where a key names one of another account', async (world) => {
    const key = await world.key(await world.account());
    const other = await world.key(await world.account());
    return world.post(`keys/${other.id}/rotate`, {}, key.secret);
  });

  itAnswers('key_already_revoked', 'for a key that was revoked', async (world) => {
    const key = await world.key(await world.account());
    await world.given(world.post(`keys/${key.id}/revoke`));
    return world.post(`keys/${key.id}/rotate`);
  });

  itAnswers('key_expired', 'for a key that has expired', async (world) => {
    const expires_at = new Date(world.behind.clock.now() + 60_000).toISOString();
    const key = await world.key(await world.account(), { expires_at });
    world.behind.clock.advance(60_000);
    return world.post(`keys/${key.id}/rotate`);
  });

  itAnswers('key_not_rotatable', 'for a signing key', async (world) =>
    world.post(`keys/${await world.signingKey(await world.account())}/rotate`),
  );

  itAnswers('scope_missing', 'to a key that would get a secret with scopes that it lacks', async (world) => {
    const account = await world.account();
    const key = await world.key(account, { scopes: ['keys:write'] });
    const other = await world.key(account);
    return world.post(`keys/${other.id}/rotate`, {}, key.secret);
  });

  itAnswers('presenter_not_allowed', 'to a bounded key, for a key that is not its child', async (world) => {
    const account = await world.account();
    const key = await world.key(account, { lines_max: 1 });
    const other = await world.key(account, { lines_max: 1 });
    return world.post(`keys/${other.id}/rotate`, {}, key.secret);
  });
});
