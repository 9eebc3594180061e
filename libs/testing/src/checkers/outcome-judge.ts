import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import type { CommandOutcome } from '@ringfence/commands/command-dispatcher';
import { commitsByPosition, type Evidence, nameOf } from './evidence.js';

/** Checks that every accepted command is in the log exactly once: its events are in one append. */
export function acceptedOnce({ events, committed }: Evidence): readonly string[] {
  const appends = new Map<string, Set<number>>();
  const commitAt = commitsByPosition(committed);
  for (const { commandId, stream, position, issuedBy } of events) {
    const append = commitAt(position)?.append ?? 0;
    // Events that record refusals are issued by the lane, and a refusal may be decided again.
    if (issuedBy.kind === 'timer') continue;
    const name = nameOf({ stream, commandId });
    appends.set(name, (appends.get(name) ?? new Set()).add(append));
  }
  return [...appends].flatMap(([name, each]) => (each.size > 1 ? [`${name} was accepted ${each.size} times`] : []));
}

/** Checks that acknowledged outcomes are in the log at the position in the answer. */
export function acknowledgedIsThere({ answered, events, asked }: Evidence): readonly string[] {
  const commands = new Map(asked.map(({ asking, commandType }) => [asking, commandType]));
  return answered.flatMap(({ asking, stream, commandId, outcome }) => {
    if (!outcome.accepted) return [];
    const event = events[outcome.position];
    const named = !commandId.startsWith('unnamed-');
    if (event === undefined || event.stream !== stream || (named && event.commandId !== commandId))
      return [`${nameOf({ stream, commandId })} was acknowledged at ${outcome.position}, where it is not`];
    const command = commands.get(asking) ?? '';
    const { type } = event.data;
    return eventOf[command]?.includes(type) === false ? [`${command} was acknowledged with a ${type}`] : [];
  });
}

/** Types of the last event of each command. */
const eventOf: Partial<Record<string, readonly RecordedEnvelope['data']['type'][]>> = {
  OpenAccount: ['AccountOpened'],
  VerifyAccount: ['AccountVerified'],
  AddCredit: ['CreditAdded'],
  IssueKey: ['KeyIssued'],
  RevokeKey: ['KeyRevoked'],
  PlaceCall: ['CallPlaced'],
  HangUpCall: ['CallHangUpRequested'],
};

/** Checks that all acceptances of one id are equal, and that a request after an acceptance gets the same answer. */
export function oneOutcome({ answered, asked, committed }: Evidence): readonly string[] {
  const faults: string[] = [];
  const commitAt = commitsByPosition(committed);
  const askedAt = new Map(asked.map(({ asking, order }) => [asking, order]));
  for (const [name, answers] of byName(answered)) {
    const accepted = answers.filter(({ outcome }) => outcome.accepted);
    const [first] = accepted;
    if (first === undefined) continue;
    for (const { outcome, asking } of answers) {
      if (outcome.accepted) {
        if (sameAnswer(outcome, first.outcome)) continue;
        faults.push(`${name} was accepted in two ways`);
      } else {
        // The batch that consumed it may have refused an earlier duplicate while there was a reason.
        const batchEnd = commitAt(first.outcome.position)?.head;
        const later = batchEnd !== undefined && outcome.position >= batchEnd;
        if (later || (askedAt.get(asking) ?? 0) > first.order)
          faults.push(`${name} was accepted, and then ${outcome.refusal.code}`);
      }
    }
  }
  return faults;
}

/** Checks that a command has no effect if all its requests were refused: no duplicate of it is decided afterwards. */
export function refusedIsFinal({ asked, answered, events }: Evidence): readonly string[] {
  const answers = new Map(answered.map((answer) => [answer.asking, answer.outcome]));
  const [refused, open] = [new Set<string>(), new Set<string>()];
  for (const asking of asked) {
    const outcome = answers.get(asking.asking);
    (outcome === undefined || outcome.accepted ? open : refused).add(nameOf(asking));
  }
  const done = events.filter(({ issuedBy }) => issuedBy.kind !== 'timer').map(nameOf);
  return [...new Set(done)].flatMap((name) =>
    refused.has(name) && !open.has(name) ? [`${name} was refused, and done all the same`] : [],
  );
}

/** Checks that answers agree with the kept outcomes, and these with the log. */
export function keptAgrees({ outcomes, answered, events }: Evidence): readonly string[] {
  const kept = new Map(outcomes.map((outcome) => [nameOf(outcome), outcome]));
  const answeredWrong = answered.flatMap(({ stream, commandId, outcome }) => {
    const found = kept.get(nameOf({ stream, commandId }));
    if (!outcome.accepted || commandId.startsWith('unnamed-') || found === undefined) return [];
    return found.accepted && found.position === outcome.position ? [] : [`${nameOf(found)} is kept in another way`];
  });
  const keptWrong = outcomes.flatMap((outcome) => {
    const event = events[outcome.position];
    if (!outcome.accepted || (event !== undefined && nameOf(event) === nameOf(outcome))) return [];
    return [`${nameOf(outcome)} is kept as accepted at ${outcome.position}, where it is not`];
  });
  return [...answeredWrong, ...keptWrong];
}

function byName(answered: Evidence['answered']): ReadonlyMap<string, Evidence['answered'][number][]> {
  const found = new Map<string, Evidence['answered'][number][]>();
  for (const answer of answered) {
    if (answer.commandId.startsWith('unnamed-')) continue;
    const name = nameOf(answer);
    const known = found.get(name);
    if (known === undefined) found.set(name, [answer]);
    else known.push(answer);
  }
  return found;
}

function sameAnswer(one: CommandOutcome, other: CommandOutcome): boolean {
  return (
    one.accepted &&
    other.accepted &&
    one.position === other.position &&
    JSON.stringify(one.result) === JSON.stringify(other.result)
  );
}
