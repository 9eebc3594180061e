import { expect, it } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import { slowFiles } from './slow-files.js';
import { testFiles } from './test-needs.js';

it('the files that a run of tests begins with are there, each named once', () => {
  const known = new Set(testFiles(fileURLToPath(new URL('..', import.meta.url))));
  expect(slowFiles.filter((file) => !known.has(file))).toEqual([]);
  expect(new Set(slowFiles).size).toBe(slowFiles.length);
});
