import { describe } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { ListAppNumbersController } from './list-app-numbers.js';

describe('listing the numbers of a voice app', () => {
  const itAnswers = problemsOf(ListAppNumbersController);

  itAnswers('cursor_invalid', 'for a cursor that no answer gave', (world) =>
    world.get('voice/apps/va_01K9Z000000000000000000000/virtual-numbers?cursor_after=abc'),
  );

  itAnswers('not_found', 'where there is no such voice app', (world) =>
    world.get('voice/apps/va_01K9Z000000000000000000000/virtual-numbers?limit=50'),
  );
});
