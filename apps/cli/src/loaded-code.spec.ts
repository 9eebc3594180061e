import { fileURLToPath } from 'node:url';
import { modulesLoadedBy } from '@ringfence/testing/loaded-modules';
import { expect, it } from '@jest/globals';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));

it('a run of the command line loads neither the Kafka client nor lanes nor what encrypts keys', async () => {
  const loaded = await modulesLoadedBy([main, '--version']);
  const dear = /node_modules\/(?:@platformatic\/kafka|age-encryption|jose)\/|libs\/lanes\//;
  expect(loaded.filter((url) => dear.test(url))).toEqual([]);
  // Otherwise nothing was seen at all.
  expect(loaded.some((url) => url.includes('/node_modules/commander/'))).toBe(true);
});
