import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect } from '@jest/globals';
import { itUnless } from '@ringfence/testing/it-unless';
import { whyNoBrokerOfOnesOwn } from '@ringfence/testing/kafka/broker-of-ones-own';
import { judge, rules, type Verdict } from './checker.js';
import { copyWithinMs, limitMsFor, runFaults } from './fault-run.js';
import { keep, readKept } from './kept-run.js';
import { faultsMsMin } from './schedule.js';
import { countsOf } from './coverage.js';

const { FAULT_SEED: seedSetting, FAULT_MINUTES: minutesSetting, FAULT_CHECK: keptRun } = process.env;
const seed = Number(seedSetting ?? 20_261_125);
const faultsMs = minutesSetting === undefined ? faultsMsMin : Number(minutesSetting) * 60_000;
/** Time beside the run itself: the cluster is stopped, and the run is judged and kept. */
const besidesMs = 120_000;
const faultsShownMax = 20;
const say = (line: string) => process.stderr.write(`${line}\n`);
const whyNot = keptRun === undefined ? await whyNoBrokerOfOnesOwn() : null;

describe('a cluster in which everything that can die dies', () => {
  let verdict: Verdict;
  beforeAll(
    async () => {
      if (whyNot !== null) return;
      const run = keptRun === undefined ? await runFaults({ seed, faultsMs, say }) : await readKept(keptRun);
      verdict = judge(run);
      const isRed = Object.values(verdict).some((faults) => faults.length > 0);
      if (keptRun === undefined && isRed) {
        const path = join(tmpdir(), `ringfence-fault-run-${String(run.seed)}-${String(Date.now())}.jsonl.gz`);
        await keep(run, path);
        say(`the run is kept; look at it again: npm run test:faults -- --check ${path}`);
        const minutes = String(run.faultsMs / 60_000);
        say(`run it again: npm run test:faults -- --seed ${String(run.seed)} --minutes ${minutes}`);
      }
      for (const line of countsOf(run)) say(line);
    },
    limitMsFor(faultsMs) + copyWithinMs + besidesMs,
  );

  for (const name of Object.keys(rules)) {
    itUnless(whyNot)(`shows that ${name}`, () => {
      expect(verdict[name]?.slice(0, faultsShownMax)).toEqual([]);
    });
  }
});
