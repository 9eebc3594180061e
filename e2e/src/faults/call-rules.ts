import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import { after, unknownAccount } from '@ringfence/testing/checkers/account-reference';
import type { Evidence } from '@ringfence/testing/checkers/evidence';
import type { KeptRun } from './kept-run.js';

/**
 * Checks that no attempt is dialled twice, whichever process carries calls, and that none is dialled that was not
 * placed.
 */
export function dialledOnce({ dialled, recorded }: KeptRun): readonly string[] {
  const placed = new Set<string>();
  for (const event of recorded) {
    if (!event.type.startsWith('ringfence.call.placed.')) continue;
    const { data } = decodeRecorded(event);
    if (data.type === 'CallPlaced') placed.add(data.attemptId);
  }
  const seen = new Set<string>();
  return dialled.flatMap((attemptId) => {
    const again = seen.has(attemptId);
    seen.add(attemptId);
    if (again) return [`${attemptId} was dialled twice`];
    return placed.has(attemptId) ? [] : [`${attemptId} was dialled and never placed`];
  });
}

/** Checks that one command is one call, and that all events of one call are of one attempt. */
export function callsOnce({ events }: Evidence): readonly string[] {
  const placedBy = new Map<string, number>();
  const attempts = new Map<string, Set<string>>();
  for (const { data, stream, commandId } of events) {
    if (data.type === 'CallPlaced') {
      const name = `${stream} ${commandId}`;
      placedBy.set(name, (placedBy.get(name) ?? 0) + 1);
    }
    if (data.type === 'CallPlaced' || data.type === 'CallRinging' || data.type === 'CallAnswered')
      attempts.set(data.callId, (attempts.get(data.callId) ?? new Set<string>()).add(data.attemptId));
  }
  return [
    ...[...placedBy].flatMap(([name, calls]) => (calls > 1 ? [`${name} placed ${String(calls)} calls`] : [])),
    ...[...attempts].flatMap(([callId, each]) =>
      each.size > 1 ? [`${callId} has ${String(each.size)} attempts`] : [],
    ),
  ];
}

/**
 * Checks that, once everything has settled, no line is in use and nothing is reserved: money paid in is available or
 * was charged.
 */
export function nothingLeaks({ events }: Evidence): readonly string[] {
  const accounts = new Map(events.map(({ stream }) => [stream, unknownAccount]));
  const [credited, charged] = [new Map<string, bigint>(), new Map<string, bigint>()];
  const add = (sums: Map<string, bigint>, stream: string, amount: bigint) =>
    sums.set(stream, (sums.get(stream) ?? 0n) + amount);
  for (const { stream, data } of events) {
    accounts.set(stream, after(accounts.get(stream) ?? unknownAccount, data));
    if (data.type === 'CreditAdded') add(credited, stream, data.amountMicros);
    if (data.type === 'CallCompleted') add(charged, stream, data.chargedMicros);
  }
  return [...accounts].flatMap(([stream, { live, availableMicros }]) => {
    const expected = (credited.get(stream) ?? 0n) - (charged.get(stream) ?? 0n);
    return [
      ...[...live.keys()].map((callId) => `${callId} of ${stream} never ends`),
      ...(availableMicros === expected
        ? []
        : [`${stream} has ${String(availableMicros)} and should have ${String(expected)}`]),
    ];
  });
}
