import { describe } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { ShowPlatformKeysController } from './show-platform-keys.js';

describe('showing what signed commands need', () => {
  const itAnswers = problemsOf(ShowPlatformKeysController);

  itAnswers('not_found', 'where the platform runs without Kafka', (world) => world.get('platform-keys'));
});
