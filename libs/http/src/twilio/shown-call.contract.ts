import { invariant } from '@ringfence/kernel/invariant';
import type { CallRecord } from '@ringfence/read-models/calls/call-rows';
import type { RouteWorld } from '../route-world.contract.js';
import type { TwilioWorld } from './twilio-world.contract.js';

const record: Omit<CallRecord, 'placed_position'> & { readonly asked: number } = {
  state: 'initiated',
  authorised_for_ms: '300000',
  reserved_micros: '60000',
  ringing_at_ms: null,
  answered_at_ms: null,
  hang_up_reason: null,
  hang_up_requested_at_ms: null,
  ended_at_ms: null,
  cause: null,
  ended_by: null,
  talk_time_ms: null,
  billed_ms: null,
  charged_micros: null,
  asked: 1,
};

/** Places a call, and has the read model show it as `row` says. @returns its SID */
export async function showCall(world: RouteWorld, twilio: TwilioWorld, row: Partial<CallRecord>): Promise<string> {
  await twilio.showApp();
  const { sid } = await world.given(twilio.create());
  const head = await world.behind.store.head();
  const rowsOf = world.behind.rowsOf;
  world.behind.rowsOf = (sql, params) =>
    sql.includes('calls.call') ? [{ ...record, placed_position: String(head - 1), ...row }] : rowsOf(sql, params);
  invariant(typeof sid === 'string', 'a call has a SID');
  return sid;
}
