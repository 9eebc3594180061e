import { dockerAnswers } from './container-broker.js';
import { existingBrokers, existingClusterSetting } from './existing-cluster.js';
import { scriptCanStart } from './local-broker.js';

/** Means of starting a broker. */
type Means = {
  readonly docker: () => Promise<boolean>;
  readonly script: () => Promise<boolean>;
};

const means: Means = { docker: dockerAnswers, script: scriptCanStart };

/**
 * Returns why a test that kills its broker cannot run here; null: it runs, and fails if there turns out to be no
 * broker.
 */
export async function whyNoBrokerOfOnesOwn(
  environment: NodeJS.ProcessEnv = process.env,
  { docker, script }: Means = means,
): Promise<string | null> {
  if (mustRun(environment) || (await docker()) || (await script())) return null;
  return reason('neither a Docker engine answers nor does the local script get a broker');
}

/** The same for a test that settles who may enter: the script alone starts such a broker. */
export async function whyNoSecuredBroker(
  environment: NodeJS.ProcessEnv = process.env,
  { script }: Pick<Means, 'script'> = means,
): Promise<string | null> {
  if (mustRun(environment) || (await script())) return null;
  return reason('the local script does not get a broker');
}

/** Says whether a missing broker is a failure instead of a skip: without a named cluster, and in a build. */
function mustRun(environment: NodeJS.ProcessEnv): boolean {
  return existingBrokers(environment).length === 0 || (environment['CI'] ?? '') !== '';
}

function reason(missing: string): string {
  return `the cluster that ${existingClusterSetting} names is not ours to kill or to configure, and ${missing}`;
}
