import { describe } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { ListTrunkNumbersController } from './list-trunk-numbers.js';

describe('listing the numbers of a SIP trunk', () => {
  const itAnswers = problemsOf(ListTrunkNumbersController);

  itAnswers('cursor_invalid', 'for a cursor that no answer gave', (world) =>
    world.get('sip/trunks/st_01K9Z000000000000000000000/virtual-numbers?cursor_after=abc'),
  );

  itAnswers('not_found', 'where there is no such SIP trunk', (world) =>
    world.get('sip/trunks/st_01K9Z000000000000000000000/virtual-numbers?limit=50'),
  );
});
