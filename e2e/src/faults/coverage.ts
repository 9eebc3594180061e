import { happenings, type KeptRun } from './kept-run.js';

/** Counts how often a lane went to another owner while the previous one was paused. */
export function lanesTakenFromStopped(run: KeptRun): number {
  const stops = pausesOf(run);
  const owners = new Map<number, string>();
  let count = 0;
  for (const { lane, process, atMs } of run.notes.taken) {
    const before = owners.get(lane) ?? '';
    owners.set(lane, process);
    if (before === process) continue;
    if (stops.some(({ of, fromMs, untilMs }) => nameIn(before) === of && fromMs <= atMs && atMs <= untilMs)) count += 1;
  }
  return count;
}

/** Describes the amount of what happened, for people. */
export function countsOf(run: KeptRun): readonly string[] {
  const answered = happenings(run, 'answered');
  const operations = new Set(happenings(run, 'asked').map(({ commandId, stream }) => `${stream} ${commandId}`));
  const faults = tally(
    happenings(run, 'fault')
      .map(({ what }) => what)
      .filter((what) => !what.endsWith(' begins')),
  );
  const refused = tally(answered.flatMap(({ outcome }) => (outcome.accepted ? [] : [outcome.refusal.code])));
  const unknown = tally(happenings(run, 'unanswered').map(({ code }) => code));
  const count = (number: number) => String(number);
  return [
    `commands ${count(operations.size)}, requests ${count(happenings(run, 'asked').length)}`,
    `acknowledged ${count(answered.filter(({ outcome }) => outcome.accepted).length)}, of these given again ${count(answered.filter(({ outcome }) => outcome.accepted && outcome.replayed).length)}`,
    `refused: ${refused}; rejected by a gateway ${count(happenings(run, 'rejected').length)}`,
    `unknown: ${unknown}`,
    `faults: ${faults}; lanes taken from a stopped owner ${count(lanesTakenFromStopped(run))}`,
    `events ${count(run.recorded.length)}, outcomes kept ${count(run.outcomes.length)}, commits ${count(run.notes.committed.length)}, lanes taken ${count(run.notes.taken.length)}`,
    `records of events in the topic ${count(run.topic.filter(({ kind }) => kind === 'event').length)}, dials ${count(run.dialled.length)}, rows of read models ${count(run.tables.reduce((sum, { rows }) => sum + rows, 0))}`,
  ];
}

function pausesOf(run: KeptRun): readonly { readonly of: string; readonly fromMs: number; readonly untilMs: number }[] {
  const begun = new Map<string, number>();
  return happenings(run, 'fault').flatMap(({ what, of, atMs }) => {
    if (what === 'pause begins') begun.set(of, atMs);
    const fromMs = begun.get(of);
    return what === 'pause' && fromMs !== undefined ? [{ of, fromMs, untilMs: atMs }] : [];
  });
}

/** Returns the process of a session: `decider-1.3` is a run of decider-1. */
function nameIn(session: string): string {
  return session.replace(/\.\d+$/, '');
}

function tally(words: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].map(([word, times]) => `${word} ${String(times)}`).join(', ') || 'none';
}
