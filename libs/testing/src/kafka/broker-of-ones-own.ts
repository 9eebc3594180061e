import { dockerAnswers } from './container-broker.js';
import { existingBrokers, existingClusterSetting } from './existing-cluster.js';
import { scriptCanStart } from './local-broker.js';

/** Means of starting a broker. */
type Means = {
  readonly docker: () => Promise<boolean>;
  readonly script: () => Promise<boolean>;
};

const means: Means = { docker: dockerAnswers, script: scriptCanStart };

/** Returns why a test that kills its broker cannot run here; null: it runs, and fails if no broker can be started. */
export async function whyNoBrokerOfOnesOwn(
  environment: NodeJS.ProcessEnv = process.env,
  { docker, script }: Means = means,
): Promise<string | null> {
  if (mustRun(environment) || (await docker()) || (await script())) return null;
  return reason('neither a Docker engine answers nor does the local script get a broker');
}

/** Returns the same for a test of authorisation: only the script can start such a broker. */
export async function whyNoSecuredBroker(
  environment: NodeJS.ProcessEnv = process.env,
  { script }: Pick<Means, 'script'> = means,
): Promise<string | null> {
  if (mustRun(environment) || (await script())) return null;
  return reason('the local script does not get a broker');
}

/** Says whether a missing broker is a failure instead of a skip: if no cluster is named, and always in a build. */
function mustRun(environment: NodeJS.ProcessEnv): boolean {
  return existingBrokers(environment).length === 0 || (environment['CI'] ?? '') !== '';
}

function reason(missing: string): string {
  return `the cluster that ${existingClusterSetting} names is not ours to kill or to configure, and ${missing}`;
}
