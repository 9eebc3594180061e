import { Map as ImmutableMap } from 'immutable';
import { restoredSums, sumDueMs } from '../../rejections/refusal-aggregation.js';
import { evolveTurnedAway, type TurnedAwaySums } from '../../rejections/rejected-commands.js';
import type { RejectionEvent } from '../../rejections/rejection.events.js';
import type { Stored } from './slice.js';
import { namesIn, type TimerKind } from './timer.js';

export type RejectionsShare = { readonly turnedAway: TurnedAwaySums };

export const initial: RejectionsShare = { turnedAway: ImmutableMap() };

export function rejected({ turnedAway }: RejectionsShare, event: RejectionEvent): RejectionsShare {
  return { turnedAway: evolveTurnedAway(turnedAway, event) };
}

/** A count of rejected commands whose second ends. */
export const turnedAwayTimer: TimerKind<'turned_away'> = {
  all: ({ turnedAway }) => namesIn(turnedAway, 'turned_away'),
  dueMs: ({ turnedAway }, { name }) => sumDueMs(turnedAway.get(name)),
};

export function restored({ turned_away: sums }: Stored): RejectionsShare {
  return { turnedAway: restoredSums(sums) };
}
