import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { type SeedRange, sharesOf } from './seed-range.js';

const main = fileURLToPath(new URL('./main.js', import.meta.url));

/** The errors of a run, each with the command that repeats it, and all faults that occurred. */
type Judgement = { readonly wrong: readonly string[]; readonly met: ReadonlySet<string> };

/** Runs the seeds in as many processes as the machine has cores: inside Jest they take twice as long. */
export async function judgeInProcesses(range: SeedRange): Promise<Judgement> {
  const shares = await Promise.all(sharesOf(range, availableParallelism()).map(judged));
  return {
    wrong: shares.flatMap(({ wrong }) => wrong),
    met: new Set(shares.flatMap(({ met }) => met)),
  };
}

type Printed = { readonly wrong: readonly string[]; readonly met: readonly string[] };

async function judged({ first, last }: SeedRange): Promise<Printed> {
  const share = `${String(first)}-${String(last)}`;
  const child = spawn(process.execPath, [main, share], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [printed] = await Promise.all([text(child.stdout), once(child, 'close')]);
  if (child.exitCode !== 0) throw new Error(`the process of seeds ${share} ended with ${String(child.exitCode)}`);
  const { wrong, met } = JSON.parse(printed) as Readonly<Record<string, unknown>>;
  if (!Array.isArray(wrong) || !Array.isArray(met)) throw new Error(`the process of seeds ${share} said ${printed}`);
  return { wrong: wrong.map(String), met: met.map(String) };
}
