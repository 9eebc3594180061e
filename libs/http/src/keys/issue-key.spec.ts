import { describe } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { IssueKeyController } from './issue-key.js';

const fields = { label: 'spec', mode: 'test', scopes: ['calls:write'] };

describe('issuing a key', () => {
  const itAnswers = problemsOf(IssueKeyController);

  itAnswers('not_found', 'where a key names another account than its own', async (world) => {
    const key = await world.key(await world.account());
    return world.post('keys', { ...fields, account_id: await world.account() }, key.secret);
  });

  itAnswers('account_unknown', 'where no account has that id', (world) =>
    world.post('keys', { ...fields, account_id: world.behind.ids.accountId() }),
  );

  itAnswers('policy_invalid', 'for a key that would have expired before it was made', async (world) =>
    world.post('keys', { ...fields, account_id: await world.account(), expires_at: '2020-01-01T00:00:00Z' }),
  );

  itAnswers('scope_missing', 'to a key that hands on a scope that it lacks', async (world) => {
    const key = await world.key(await world.account(), { scopes: ['keys:write'] });
    return world.post('keys', fields, key.secret);
  });

  itAnswers('presenter_not_allowed', 'to a key that hands on more than it may do itself', async (world) => {
    const key = await world.key(await world.account(), { lines_max: 1 });
    return world.post('keys', { ...fields, lines_max: 2 }, key.secret);
  });
});
