import { modulesLoadedBy } from '@ringfence/testing/loaded-modules';
import { expect, it } from '@jest/globals';

const dist = new URL('../../dist/', import.meta.url);

/** The modules that a process has loaded when it has these parts of the built server beside what each process has. */
function loadedWith(...parts: readonly string[]): Promise<readonly string[]> {
  const reflection = import.meta.resolve('reflect-metadata');
  const addresses = [reflection, ...['platform.js', ...parts].map((part) => new URL(part, dist).href)];
  const script = addresses.map((address) => `await import(${JSON.stringify(address)});`).join('\n');
  return modulesLoadedBy(['--input-type=module', '--eval', script]);
}

const kafkaClient = /node_modules\/(?:@platformatic\/kafka|ajv|avsc)\//;
const describesFields = /node_modules\/(?:@nestjs\/swagger|es-toolkit|js-yaml)\//;
const checksFields = /node_modules\/(?:class-validator|validator)\//;
const apiRoutes = /libs\/http\/dist\/(?:accounts|audit|calls|keys|ledger|numbers|rates|usage)\//;

it('a process by itself loads no Kafka client, and nothing that describes the API', async () => {
  const loaded = await loadedWith('topology/single.js', 'roles/gateway.role.js');
  expect(loaded.filter((url) => kafkaClient.test(url) || describesFields.test(url))).toEqual([]);
  // Otherwise nothing was seen at all.
  expect(loaded.some((url) => checksFields.test(url)) && loaded.some((url) => apiRoutes.test(url))).toBe(true);
});

it('a process of a cluster that is no gateway loads health and metrics, and nothing of the API', async () => {
  const loaded = await loadedWith('cluster.js', 'topology/clustered.js');
  const api = [describesFields, checksFields, apiRoutes];
  expect(loaded.filter((url) => api.some((pattern) => pattern.test(url)))).toEqual([]);
  expect(loaded.some((url) => kafkaClient.test(url))).toBe(true);
});
