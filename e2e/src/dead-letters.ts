import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const cli = fileURLToPath(new URL('../../apps/cli/dist/main.js', import.meta.url));

/**
 * `ringfence dlq …`, as an operator runs it.
 * @returns the lines that it prints
 * @throws what the shell says of it when it fails
 */
export async function dlq(
  { brokers, topicPrefix }: { readonly brokers: readonly string[]; readonly topicPrefix: string },
  ...args: readonly string[]
): Promise<readonly Record<string, unknown>[]> {
  const env = { PATH: process.env['PATH'], KAFKA_BROKERS: brokers.join(','), RINGFENCE_TOPIC_PREFIX: topicPrefix };
  const { stdout } = await promisify(execFile)(process.execPath, [cli, 'dlq', ...args, '--json'], { env });
  return stdout
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
