import { describe } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { ShowHealthController } from './show-health.js';

describe('showing health', () => {
  problemsOf(ShowHealthController);
});
