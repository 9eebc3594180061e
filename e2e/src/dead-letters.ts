import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const cli = fileURLToPath(new URL('../../apps/cli/dist/main.js', import.meta.url));

/**
 * Runs `ringfence dlq …` as an operator does.
 * @returns the printed lines
 * @throws with the shell's output if it fails
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
