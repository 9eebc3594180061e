import { type LogId, parseLogId } from '@ringfence/kernel/ids';
import { position, type Position } from '@ringfence/kernel/units';
import { edgeProblem } from '../problem.js';

/** A position in a log as a token, opaque to clients: `<logId>:<n>`. */
export function positionTokenOf(logId: LogId, at: Position): string {
  return `${logId}:${String(at)}`;
}

/** @throws HttpProblem `position_invalid`, `position_of_other_log` */
export function positionFrom(token: string, logId: LogId): Position {
  const [, named = '', digits = ''] = /^(log_[0-9A-Z]{26}):(0|[1-9]\d{0,14})$/.exec(token) ?? [];
  if (parseLogId(named) === undefined)
    throw edgeProblem('position_invalid', 'a position is what an answer gave as one');
  if (named !== logId) throw edgeProblem('position_of_other_log', 'the position belongs to another log than this one');
  return position(Number(digits));
}

export const positionTokenPattern = /^log_[0-9A-Z]{26}:(0|[1-9][0-9]{0,14})$/;
