import { describe } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { OpenNumberRangeController } from './open-number-range.js';

describe('opening a number range', () => {
  const itAnswers = problemsOf(OpenNumberRangeController);

  itAnswers('number_range_invalid', 'for a range that would have begun in the past', (world) =>
    world.post('number-ranges', {
      prefix: '1565',
      territory: 'US',
      kind: 'mobile',
      effective_from: '2020-01-01T00:00:00Z',
    }),
  );
});
