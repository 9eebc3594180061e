import { expect, it } from '@jest/globals';
import { ineffectiveFields } from '@ringfence/wire/ineffective-fields';
import { warningBodies } from './warnings.js';

it('says in words what an outcome warns of', () => {
  expect(warningBodies(['recording_not_made', 'flow_not_run'])).toEqual([
    { code: 'flow_not_run', ...ineffectiveFields.flow_not_run },
    { code: 'recording_not_made', ...ineffectiveFields.recording_not_made },
  ]);
});

it.each([undefined, null, [], ['of_a_later_release']])('says nothing for %j', (codes) => {
  expect(warningBodies(codes)).toEqual([]);
});
