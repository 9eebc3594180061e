import type { LogId } from '@ringfence/kernel/ids';
import type { Position } from '@ringfence/kernel/units';
import type { FastifyRequest } from 'fastify';
import { positionFrom } from '../edge/positions.js';

/**
 * The position of the last event that a client has had, from `Last-Event-ID`; null: it has had none.
 * @throws HttpProblem `position_invalid`, `position_of_other_log`
 */
export function lastEventOf({ headers }: FastifyRequest, logId: LogId): Position | null {
  const sent = headers['last-event-id'];
  if (sent === undefined || sent === '') return null;
  return positionFrom(String(sent), logId);
}
