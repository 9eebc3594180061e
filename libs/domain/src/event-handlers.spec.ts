import { expect, it } from '@jest/globals';
import { exampleEvents } from '@ringfence/testing/example-events';
import { handlerOf, type EventHandlers } from './event-handlers.js';

const none: EventHandlers<string> = {
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
const rejections = {
  CommandTurnedAway: ({ code }: { readonly code: string }) => code,
  CommandsTurnedAwayCounted: 'ignore',
} as const;

it('an event reaches its own handler; one that is ignored, by itself or with its context, reaches none', () => {
  const handle = handlerOf<string>({ ...none, rejections });
  expect(handle(exampleEvents.CommandTurnedAway)).toBe(exampleEvents.CommandTurnedAway.code);
  expect(handle(exampleEvents.CommandsTurnedAwayCounted)).toBeUndefined();
  expect(handle(exampleEvents.CallPlaced)).toBeUndefined();
});

it('handlers of a context do not compile until each of its events is decided on', () => {
  // @ts-expect-error CommandsTurnedAwayCounted is not decided on.
  const undecided: EventHandlers<string> = { ...none, rejections: { CommandTurnedAway: 'ignore' } };
  expect(undecided).toBeDefined();
});
