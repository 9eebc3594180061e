import { describe } from '@jest/globals';
import { examplePublicKey } from '@ringfence/testing/examples';
import { problemsOf } from '../route.contract.js';
import { RegisterSigningKeyController } from './register-signing-key.js';

const fields = {
  label: 'spec',
  mode: 'test',
  scopes: ['calls:write'],
  public_key: { kty: 'OKP', crv: 'Ed25519', x: examplePublicKey },
};
/** A point of small order, under which anybody can make signatures. */
const weak = { kty: 'OKP', crv: 'Ed25519', x: 'AQ'.padEnd(43, 'A') };

describe('registering a signing key', () => {
  const itAnswers = problemsOf(RegisterSigningKeyController);

  itAnswers('not_found', 'where a key names another account than its own', async (world) => {
    const key = await world.key(await world.account());
    return world.post('signing-keys', { ...fields, account_id: await world.account() }, key.secret);
  });

  itAnswers('account_unknown', 'where no account has that id', (world) =>
    world.post('signing-keys', { ...fields, account_id: world.behind.ids.accountId() }),
  );

  itAnswers('policy_invalid', 'for a key that would have expired before it was made', async (world) =>
    world.post('signing-keys', { ...fields, account_id: await world.account(), expires_at: '2020-01-01T00:00:00Z' }),
  );

  itAnswers('scope_missing', 'to a key that hands on a scope that it lacks', async (world) => {
    const key = await world.key(await world.account(), { scopes: ['keys:write'] });
    return world.post('signing-keys', fields, key.secret);
  });

  itAnswers('presenter_not_allowed', 'to a key that hands on more than it may do itself', async (world) => {
    const key = await world.key(await world.account(), { lines_max: 1 });
    return world.post('signing-keys', { ...fields, lines_max: 2 }, key.secret);
  });

  itAnswers('public_key_invalid', 'for a key that proves nothing', async (world) =>
    world.post('signing-keys', { ...fields, account_id: await world.account(), public_key: weak }),
  );
});
