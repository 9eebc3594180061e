import { Map as ImmutableMap } from 'immutable';
import { restoredSums, sumDueMs } from '../../rejections/refusal-aggregation.js';
import { evolveRejections, type RejectionSums } from '../../rejections/rejected-commands.js';
import type { RejectionEvent } from '../../rejections/rejection.events.js';
import type { Stored } from './slice.js';
import { namesIn, type TimerKind } from './timer.js';

export type RejectionsShare = { readonly rejections: RejectionSums };

export const initial: RejectionsShare = { rejections: ImmutableMap() };

export function rejected({ rejections: turnedAway }: RejectionsShare, event: RejectionEvent): RejectionsShare {
  return { rejections: evolveRejections(turnedAway, event) };
}

/** A count of rejected commands whose second ends. */
export const turnedAwayTimer: TimerKind<'turned_away'> = {
  all: ({ rejections: turnedAway }) => namesIn(turnedAway, 'turned_away'),
  dueMs: ({ rejections: turnedAway }, { name }) => sumDueMs(turnedAway.get(name)),
};

export function restored({ turned_away: sums }: Stored): RejectionsShare {
  return { rejections: restoredSums(sums) };
}
