import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { type SeedRange, sharesOf } from './seed-range.js';

const main = fileURLToPath(new URL('./main.js', import.meta.url));

/** Runs the seeds in as many processes as the machine has cores. @returns what is wrong, with the command that shows it again */
export async function judgeInProcesses(range: SeedRange): Promise<readonly string[]> {
  return (await Promise.all(sharesOf(range, availableParallelism()).map(judged))).flat();
}

async function judged({ first, last }: SeedRange): Promise<readonly string[]> {
  const share = `${String(first)}-${String(last)}`;
  const child = spawn(process.execPath, [main, share], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [said] = await Promise.all([text(child.stdout), once(child, 'close')]);
  if (child.exitCode !== 0) throw new Error(`the process of seeds ${share} ended with ${String(child.exitCode)}`);
  const wrong: unknown = JSON.parse(said);
  if (!Array.isArray(wrong)) throw new Error(`the process of seeds ${share} said ${said}`);
  return wrong.map(String);
}
