/**
 * The releases of Node.js that the server, the command line and the SDK run on, equal to `engines` of their packages:
 * those that the most demanding dependency, the Kafka client, supports.
 */
export const supportedNodes = '^22.22.0 || >=24.6.0';

/**
 * @param version as `process.versions.node` gives it
 * @returns the reason in one sentence; undefined: it is supported
 */
export function whyNodeUnfit(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isSupported = major === 22 ? minor >= 22 : major > 24 || (major === 24 && minor >= 6);
  if (isSupported) return undefined;
  return `this is Node.js ${version}, and Ringfence needs 22.22 or a later 22, or 24.6 or later`;
}
