import type { JsonValue } from '@ringfence/kernel/json';
import type { Allocation } from '../../inventory/inventory.decider.js';
import { restoredSums, type RefusalSum } from '../../rejections/refusal-aggregation.js';
import type { CommandRejectionKey } from '../../rejections/rejected-commands.js';
import { fromPlain, toPlain } from '../../shared/plain.js';
import { type InventoryState, noAllocations, withAllocation } from './inventory-state.js';

/** Allocations per piece: some hundred kilobytes, so that one piece does not block the event loop. */
const pieceEntriesMax = 1_000;

type Piece = {
  readonly allocations: readonly Allocation[];
  readonly turnedAway: readonly RefusalSum<CommandRejectionKey>[];
};

export function* snapshotInventory({ allocations, rejections }: InventoryState): Iterable<JsonValue> {
  yield toPlain({ allocations: [], turnedAway: [...rejections.values()] } satisfies Piece);
  let entries: Allocation[] = [];
  for (const allocation of allocations.values()) {
    entries.push(allocation);
    if (entries.length < pieceEntriesMax) continue;
    yield toPlain({ allocations: entries, turnedAway: [] } satisfies Piece);
    entries = [];
  }
  if (entries.length > 0) yield toPlain({ allocations: entries, turnedAway: [] } satisfies Piece);
}

export function restoreInventory(pieces: Iterable<JsonValue>): InventoryState {
  let allocations = noAllocations;
  const rejections: RefusalSum<CommandRejectionKey>[] = [];
  for (const plain of pieces) {
    const piece = fromPlain(plain) as Piece; // written by this very `evolveVersion`
    allocations = piece.allocations.reduce(withAllocation, allocations);
    rejections.push(...piece.turnedAway);
  }
  return { ...allocations, rejections: restoredSums(rejections) };
}
