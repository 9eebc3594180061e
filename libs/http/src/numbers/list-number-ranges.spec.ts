import { describe } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { ListNumberRangesController } from './list-number-ranges.js';

describe('listing number ranges', () => {
  problemsOf(ListNumberRangesController);
});
