import { describe } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { ShowMetricsController } from './show-metrics.js';

describe('showing metrics', () => {
  problemsOf(ShowMetricsController);
});
