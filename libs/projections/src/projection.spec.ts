import { expect, it } from '@jest/globals';
import { eventTypes, eventTypesOf } from '@ringfence/event-catalog/event-catalog';
import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import { exampleEvents } from '@ringfence/testing/example-events';
import type { Folds, Projection } from './projection.js';
import { runnable } from './runnable-projection.js';

type Batch = string[];
const none: Folds<Batch> = {
  accounts: 'ignore',
  keys: 'ignore',
  calls: 'ignore',
  rejections: 'ignore',
  webhooks: 'ignore',
  apps: 'ignore',
  trunks: 'ignore',
  numbers: 'ignore',
  inventory: 'ignore',
  platform: 'ignore',
};

function projectionOf(on: Folds<Batch>): Projection<Batch> {
  return {
    name: 'seen',
    version: 1,
    order: 'stream',
    tables: '',
    newBatch: () => [],
    on,
    write: () => undefined,
  };
}

/** The types of which the folds of a projection heard, when every event there is came by. */
function seenBy(on: Folds<Batch>): readonly string[] {
  const batch: Batch = [];
  const { begin, handles } = runnable({ ...projectionOf(on), newBatch: () => batch });
  const open = begin();
  for (const data of Object.values(exampleEvents)) open.fold({ data } as RecordedEnvelope);
  expect(eventTypes.filter(handles)).toEqual(eventTypes.filter((type) => batch.includes(type)));
  return batch;
}

function see({ data }: RecordedEnvelope, batch: Batch): void {
  batch.push(data.type);
}

it('one fold of a context sees each of its events, and those of no other', () => {
  expect([...seenBy({ ...none, calls: see })].sort()).toEqual([...eventTypesOf('calls')].sort());
});

it('a context that is ignored, and an event that is, cost nothing', () => {
  expect(seenBy(none)).toEqual([]);
  expect(seenBy({ ...none, rejections: { CommandTurnedAway: see, CommandsTurnedAwayCounted: 'ignore' } })).toEqual([
    'CommandTurnedAway',
  ]);
});

it('a projection that reads a context does not compile until it decides on each of its events', () => {
  // @ts-expect-error CommandsTurnedAwayCounted is not decided on.
  const undecided: Folds<Batch> = { ...none, rejections: { CommandTurnedAway: see } };
  // @ts-expect-error Nothing is said of the context platform.
  const forgetful: Folds<Batch> = { accounts: see, keys: see, calls: see, rejections: see };
  const decided = { CommandTurnedAway: see, CommandsTurnedAwayCounted: see };
  // @ts-expect-error CallPlaced is an event of calls.
  const misplaced: Folds<Batch> = { ...none, rejections: { ...decided, CallPlaced: see } };
  expect([undecided, forgetful, misplaced]).toHaveLength(3);
});
