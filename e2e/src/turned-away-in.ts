import type { StoredEvent } from './log-reader.js';

/** What a log says of a key that was turned away: how often, whoever did it, and its events. */
export type TurnedAwayIn = { readonly count: number; readonly events: readonly StoredEvent[] };

const types = /^ringfence\.(?:audit\.commands?_turned_away(?:_counted)?|call\.(?:refused|refusals_counted))\.v/;

export function turnedAwayIn(log: readonly StoredEvent[], keyId: string): TurnedAwayIn {
  const events = log.filter(({ type, json }) => types.test(type) && json['presentedkeyid'] === keyId);
  // What says nothing of a count tells of one.
  return { count: events.reduce((sum, { data }) => sum + Number(data['count'] ?? 1), 0), events };
}
