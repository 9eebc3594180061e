import { expect, it } from '@jest/globals';
import type { SubjectId } from '@ringfence/kernel/ids';
import { FakeTimers } from '@ringfence/testing/fake-timers';
import { createSecretKey, randomBytes } from 'node:crypto';
import { DataKeys, dataKeysMax } from './data-keys.js';

const subjectAt = (number: number) => `sub_${String(number).padStart(26, '0')}` as SubjectId;

it('keeps a bounded number of data keys: those used last', () => {
  const keys = new DataKeys(new FakeTimers());
  const key = createSecretKey(randomBytes(32));
  for (let number = 0; number < dataKeysMax; number += 1) keys.keep(subjectAt(number), key);
  expect(keys.find(subjectAt(0))).toBe(key);
  keys.keep(subjectAt(dataKeysMax), key);
  const kept = Array.from({ length: dataKeysMax + 1 }, (_, number) => keys.find(subjectAt(number)) !== undefined);
  expect(kept.filter(Boolean)).toHaveLength(dataKeysMax);
  expect([kept[0], kept[1]]).toEqual([true, false]);
});
