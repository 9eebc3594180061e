import type { StoredEvent } from './log-reader.js';

/** The log's record of a key's rejections by all gateways: their number, and the events. */
type RejectionsIn = { readonly count: number; readonly events: readonly StoredEvent[] };

const types = /^ringfence\.(?:audit\.commands?_turned_away(?:_counted)?|call\.(?:refused|refusals_counted))\.v/;

export function rejectionsIn(log: readonly StoredEvent[], keyId: string): RejectionsIn {
  const events = log.filter(({ type, json }) => types.test(type) && json['presentedkeyid'] === keyId);
  // An event without a count represents one.
  return { count: events.reduce((sum, { data }) => sum + Number(data['count'] ?? 1), 0), events };
}
