import type { CallDirection } from './call-direction.js';
import type { CallPlaced, CallReceived } from './call.events.js';

/** A call as it began, placed or received. A received one has what only placed calls have in its empty form. */
export type BegunCall = Omit<CallPlaced, 'type'> & { readonly direction: CallDirection };

export function begunCall(event: CallPlaced | CallReceived): BegunCall {
  if (event.type === 'CallPlaced') {
    const { type: _type, ...placed } = event;
    return { ...placed, direction: 'outbound' };
  }
  const { type: _type, numberId: _numberId, receivedAtMs: placedAtMs, ...received } = event;
  const ofPlaced = { statusCallbackUrl: null, record: false, destination: null, candidates: [] };
  return { ...received, ...ofPlaced, placedAtMs, direction: 'inbound' };
}

/** Says whether a call begins with the event. */
export function beginsCall<Event extends { readonly type: string }>(
  event: Event,
): event is Extract<Event, { readonly type: 'CallPlaced' | 'CallReceived' }> {
  return event.type === 'CallPlaced' || event.type === 'CallReceived';
}
