import { decidedRightly, realTimeOrder, refusedRightly } from '@ringfence/testing/checkers/account-judge';
import type { Evidence } from '@ringfence/testing/checkers/evidence';
import { nothingAfterRevocation, nothingBroken, oneWriter, wholeLog } from '@ringfence/testing/checkers/log-judge';
import {
  acceptedOnce,
  acknowledgedIsThere,
  keptAgrees,
  oneOutcome,
  refusedIsFinal,
} from '@ringfence/testing/checkers/outcome-judge';
import { topicIsWhole } from '@ringfence/testing/checkers/topic-judge';
import { callsOnce, dialledOnce, nothingLeaks } from './call-rules.js';
import { evidenceOf, happenings, type KeptRun } from './kept-run.js';
import { faultKinds } from './schedule.js';
import { lanesTakenFromStopped } from './coverage.js';

type Rule = (run: KeptRun, evidence: Evidence) => readonly string[];
const onEvidence =
  (judge: (evidence: Evidence) => readonly string[]): Rule =>
  (_run, evidence) =>
    judge(evidence);

/** Rules that must hold in every run, each as a sentence. */
export const rules: Readonly<Record<string, Rule>> = {
  'every kind of fault happened, and a lane was taken from an owner that was stopped': everyKindHappened,
  'what was acknowledged is in the log, and once': onEvidence((evidence) => [
    ...acknowledgedIsThere(evidence),
    ...acceptedOnce(evidence),
  ]),
  'no command has two outcomes': onEvidence((evidence) => [
    ...oneOutcome(evidence),
    ...refusedIsFinal(evidence),
    ...keptAgrees(evidence),
  ]),
  'positions are dense, versions gapless, and the chains of hashes whole': onEvidence(wholeLog),
  'every decision is the one that the reference makes at its place in the log': onEvidence(decidedRightly),
  'every refusal had a reason that held': onEvidence(refusedRightly),
  'answers respect who was answered before whom asked': onEvidence(realTimeOrder),
  'nothing is issued by a key after its revocation': onEvidence(nothingAfterRevocation),
  'the writer of a lane is the last process that took it': onEvidence(oneWriter),
  'the topic of events holds every position in order': topicIsWhole,
  'every read model equals a rebuilt one': ({ tables }) =>
    tables.length > 4
      ? tables.flatMap(({ table, differing }) => differing.map((row) => `${table}: ${row}`))
      : ['there are no read models'],
  'debits equal credits': ({ turnovers }) =>
    turnovers.length === 0
      ? ['there are no books']
      : turnovers
          .filter(({ debitMicros, creditMicros }) => debitMicros !== creditMicros)
          .map(
            ({ account, book, debitMicros, creditMicros }) =>
              `${book} book of ${account}: ${debitMicros} and ${creditMicros}`,
          ),
  'no line and no reservation leaks': onEvidence(nothingLeaks),
  'no call is dialled twice': (run, evidence) => [...dialledOnce(run), ...callsOnce(evidence)],
  'everything settles, and no process reports a broken invariant': (run, evidence) => [
    ...run.seen,
    ...nothingBroken(evidence),
  ],
};

export type Verdict = Readonly<Record<string, readonly string[]>>;

/** @returns the violations of each rule */
export function judge(run: KeptRun): Verdict {
  let evidence: Evidence | undefined;
  // Read once, by the first rule: a log that cannot be read is a verdict of every rule, and does not end the judging.
  const read = () => (evidence ??= evidenceOf(run));
  return Object.fromEntries(
    Object.entries(rules).map(([name, rule]) => {
      try {
        return [name, rule(run, read())];
      } catch (failure) {
        return [name, [`cannot be judged: ${failure instanceof Error ? failure.message : String(failure)}`]];
      }
    }),
  );
}

function everyKindHappened(run: KeptRun): readonly string[] {
  const happened = new Set(happenings(run, 'fault').map(({ what }) => what));
  const missing = faultKinds.filter((kind) => !happened.has(kind));
  return [
    ...missing.map((kind) => `${kind} never happened`),
    ...(lanesTakenFromStopped(run) > 0 ? [] : ['no lane was taken from an owner that was stopped']),
  ];
}
