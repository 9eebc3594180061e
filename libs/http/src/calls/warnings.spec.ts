import { expect, it } from '@jest/globals';
import { ineffectiveFields } from '@ringfence/wire/ineffective-fields';
import { warningBodies } from './warnings.js';

it('says in words what an outcome warns of', () => {
  expect(warningBodies(['reason_not_kept', 'recording_not_made'])).toEqual([
    { code: 'recording_not_made', ...ineffectiveFields.recording_not_made },
    { code: 'reason_not_kept', ...ineffectiveFields.reason_not_kept },
  ]);
});

it.each([undefined, null, [], ['of_a_later_release']])('says nothing for %j', (codes) => {
  expect(warningBodies(codes)).toEqual([]);
});
