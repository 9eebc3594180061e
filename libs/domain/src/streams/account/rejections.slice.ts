import { Map as ImmutableMap } from 'immutable';
import { restoredSums, sumDueMs } from '../../rejections/refusal-aggregation.js';
import { evolveRejections, type RejectionSums } from '../../rejections/rejected-commands.js';
import type { RejectionEvent } from '../../rejections/rejection.events.js';
import type { Stored } from './slice.js';
import { namesIn, type TimerKind } from './timer.js';

export type RejectionsShare = { readonly rejections: RejectionSums };

export const initial: RejectionsShare = { rejections: ImmutableMap() };

export function rejected({ rejections }: RejectionsShare, event: RejectionEvent): RejectionsShare {
  return { rejections: evolveRejections(rejections, event) };
}

/** End of a second in which rejected commands were counted. */
export const rejectionTimer: TimerKind<'turned_away'> = {
  all: ({ rejections }) => namesIn(rejections, 'turned_away'),
  dueMs: ({ rejections }, { name }) => sumDueMs(rejections.get(name)),
};

export function restored({ turned_away: sums }: Stored): RejectionsShare {
  return { rejections: restoredSums(sums) };
}
