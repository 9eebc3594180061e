import { decidedRightly, realTimeOrder, refusedRightly } from '../checkers/account-judge.js';
import { refusedRecordIsDone } from './copies-judge.js';
import { settledInTheEnd, consumedIsDone, servedInTheEnd } from './consumption-judge.js';
import { gapsHaveCause, oneRelay, topicHoldsTheLog, watermarksAreTrue } from './feed-judge.js';
import { simulatedEvidenceOf, type SimulatedEvidence } from './evidence.js';
import { nothingAfterRevocation, nothingBroken, oneWriter, wholeLog } from '../checkers/log-judge.js';
import {
  acceptedOnce,
  acknowledgedIsThere,
  keptAgrees,
  oneOutcome,
  refusedIsFinal,
} from '../checkers/outcome-judge.js';
import { freshWhenAdmitting, revokedIsRejected } from './registry-judge.js';
import type { Run } from './simulation.js';
import { committedCounts } from './transactions-judge.js';

type Judge = (evidence: SimulatedEvidence) => readonly string[];

/** Rules that must hold in every run. */
const judges: Readonly<Record<string, Judge>> = {
  wholeLog,
  nothingAfterRevocation,
  oneWriter,
  nothingBroken,
  acceptedOnce,
  acknowledgedIsThere,
  oneOutcome,
  refusedIsFinal,
  refusedRecordIsDone,
  keptAgrees,
  decidedRightly,
  refusedRightly,
  realTimeOrder,
  consumedIsDone,
  settledInTheEnd,
  committedCounts,
  servedInTheEnd,
  freshWhenAdmitting,
  revokedIsRejected,
  topicHoldsTheLog,
  watermarksAreTrue,
  gapsHaveCause,
  oneRelay,
};

/** @returns each fault with the name of the rule that it breaks */
export function faultsIn(run: Run): readonly string[] {
  const evidence = simulatedEvidenceOf(run);
  return Object.entries(judges).flatMap(([rule, judge]) => judge(evidence).map((fault) => `${rule}: ${fault}`));
}
