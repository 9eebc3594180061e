import { dockerAnswers } from './container-broker.js';
import { existingBrokers, existingClusterSetting } from './existing-cluster.js';
import { scriptCanStart } from './local-broker.js';

/** What there is to start a broker with. */
export type Means = {
  readonly docker: () => Promise<boolean>;
  readonly script: () => Promise<boolean>;
};

const means: Means = { docker: dockerAnswers, script: scriptCanStart };

/** Why a test that kills its broker cannot run here; null: it runs, and is red where there turns out to be no broker. */
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

/** Without a cluster that was named a missing broker is a failure, not a skip; and so it is in a build. */
function mustRun(environment: NodeJS.ProcessEnv): boolean {
  return existingBrokers(environment).length === 0 || (environment['CI'] ?? '') !== '';
}

function reason(missing: string): string {
  return `the cluster that ${existingClusterSetting} names is not ours to kill or to configure, and ${missing}`;
}
