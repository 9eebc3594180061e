import { describe } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { ShowIndexController } from './show-index.js';

describe('showing the index', () => {
  problemsOf(ShowIndexController);
});
