import { describe } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { ShowKeyController } from './show-key.js';

describe('showing a key', () => {
  const itAnswers = problemsOf(ShowKeyController);

  itAnswers('not_found', 'where no key has that id', (world) => world.get(`keys/${world.behind.ids.keyId()}`));
});
