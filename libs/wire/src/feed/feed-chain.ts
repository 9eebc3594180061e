import type { EventId } from '@ringfence/kernel/ids';
import { type Position, position } from '@ringfence/kernel/units';

/**
 * An event, as the next record of its partition refers to it: a position alone would not distinguish two logs that have
 * diverged.
 */
export type ChainLink = { readonly position: Position; readonly id: EventId };

/** Head of a partition of the topic. `last`: its last event; null: it has none. */
export type FeedChainHead = {
  /** Position below which all events of this partition are in the topic. */
  readonly through: Position;
  readonly last: ChainLink | null;
};

export const emptyChain: FeedChainHead = { through: position(0), last: null };

/** The position after a link; positions up to the next link belong to other partitions. */
export function afterLink(link: ChainLink | null): Position {
  return position(link === null ? 0 : link.position + 1);
}

export function sameLink(left: ChainLink | null, right: ChainLink | null): boolean {
  return left?.position === right?.position && left?.id === right?.id;
}
