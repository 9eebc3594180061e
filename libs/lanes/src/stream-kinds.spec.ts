import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { commandAuthority } from '@ringfence/domain/command-authority';
import type { EventContext } from '@ringfence/domain/domain-event';
import type { DomainCommand } from '@ringfence/domain/command';
import { isAccountCommand } from '@ringfence/domain/streams/account/account-decide';
import { isInventoryCommand } from '@ringfence/domain/streams/inventory/inventory-messages';
import { isPlatformCommand } from '@ringfence/domain/streams/platform/platform-messages';
import { eventTypes, eventTypesOf } from '@ringfence/event-catalog/event-catalog';
import { eventFacts } from '@ringfence/event-catalog/event-facts';
import { accept, refuse } from '@ringfence/kernel/decider';
import { type AccountId, inventoryStream, platformStream, streamPrefixes } from '@ringfence/kernel/ids';
import { exampleEvents } from '@ringfence/testing/example-events';
import { LaneBench } from '@ringfence/testing/lane-bench';
import { type LaneModel, laneModels } from './lane-models.js';
import { type StreamKind, streamKinds } from './stream-kinds.js';
import { CachedStreams } from './stream-pool.js';

const accountEventTypes = typesOf('accounts', 'keys', 'calls', 'webhooks', 'apps', 'trunks', 'numbers', 'rejections');
const platformEventTypes = typesOf('platform', 'keys', 'rejections');
const inventoryEventTypes = typesOf('inventory', 'rejections');

function typesOf(...contexts: readonly EventContext[]): ReadonlySet<string> {
  return new Set(contexts.flatMap(eventTypesOf));
}

let b: LaneBench;
beforeEach(() => {
  b = new LaneBench();
});
afterEach(async () => {
  await b.stop();
});

describe('the kinds of streams', () => {
  it('are those whose ids can be read, the platform’s first', () => {
    const prefixes = streamKinds(laneModels).map(({ prefix }) => prefix);
    expect(prefixes).toEqual([platformStream, ...streamPrefixes, inventoryStream]);
  });

  it.each(Object.keys(commandAuthority))('have a stream that decides each command, and no other: %s', (type) => {
    const command = { type } as DomainCommand; // its type alone says where it belongs
    const { account, platform, inventory } = laneModels;
    const refusal = { code: 'account_unknown', detail: 'of another stream' } as const;
    const misplaced = `${type} does not belong to the stream of`;
    expect([isAccountCommand, isPlatformCommand, isInventoryCommand].some((is) => is(command))).toBe(true);
    if (!isAccountCommand(command)) {
      expect(() => account.decide(command, account.initialState)).toThrow(misplaced);
      expect(() => account.afterRefusal(command, account.initialState, refusal)).toThrow(misplaced);
    }
    if (!isPlatformCommand(command)) {
      expect(() => platform.decide(command, platform.initialState)).toThrow(misplaced);
      expect(() => platform.afterRefusal(command, platform.initialState, refusal)).toThrow(misplaced);
    }
    if (!isInventoryCommand(command)) {
      expect(() => inventory.decide(command, inventory.initialState)).toThrow(misplaced);
      expect(() => inventory.afterRefusal(command, inventory.initialState, refusal)).toThrow(misplaced);
    }
  });

  it.each(eventTypes)('have a stream that holds each event: %s', (type) => {
    expect([accountEventTypes, platformEventTypes, inventoryEventTypes].some((types) => types.has(type))).toBe(true);
  });

  it.each(Object.values(exampleEvents).map((event) => [event.type, event] as const))(
    'evolve from no event of another stream: %s',
    (type, event) => {
      const { account, platform, inventory } = laneModels;
      const misplaced = `${type} does not belong to the stream of`;
      const byAccount = () => account.evolve(account.initialState, event);
      const byPlatform = () => platform.evolve(platform.initialState, event);
      if (!accountEventTypes.has(type)) expect(byAccount).toThrow(misplaced);
      const byInventory = () => inventory.evolve(inventory.initialState, event);
      if (!platformEventTypes.has(type)) expect(byPlatform).toThrow(misplaced);
      if (!inventoryEventTypes.has(type)) expect(byInventory).toThrow(misplaced);
    },
  );
});

type Counter = { readonly credits: number };
/** A decider of another kind of state: it counts what is paid in, and takes two payments. */
const counter: LaneModel<Counter> = {
  initialState: { credits: 0 },
  decide: (command, { credits }) => {
    if (command.type !== 'AddCredit') throw new Error('nothing else is sent here');
    const { accountId, mode, amountMicros, nowMs } = command;
    if (credits === 2) return refuse({ code: 'account_unknown', detail: 'two are enough' });
    return accept({ type: 'CreditAdded', accountId, mode, amountMicros, reference: null, addedAtMs: nowMs });
  },
  evolve: ({ credits }) => ({ credits: credits + 1 }),
  afterRefusal: (_command, state) => state,
  evolveVersion: 1,
  nextDueMs: () => null,
  *snapshot({ credits }) {
    yield credits;
  },
  restore: ([credits]) => ({ credits: Number(credits) }),
  size: () => 1,
  facts: (event) => eventFacts(event, { before: null, after: null }),
  unauthorized: (_command, after) => ({ trace: [], after }),
  keyVersion: () => 0,
};

describe('one kind more', () => {
  it('is one line in the table: its streams are decided by its own model, beside those of the other kinds', async () => {
    const own: AccountId = b.ids.accountId();
    const counters: StreamKind = {
      prefix: own,
      cachePolicy: 'least_recently_used',
      open: (parts) => new CachedStreams((stream) => stream === own, counter, parts),
    };
    const executor = await b.start({ kinds: [counters, ...streamKinds(laneModels)] });
    const outcomes = [];
    for (const amount of [1n, 2n, 3n]) outcomes.push(await executor.dispatch(b.credit(own, amount)));
    expect(outcomes).toMatchObject([
      { accepted: true },
      { accepted: true },
      { accepted: false, refusal: { detail: 'two are enough' } },
    ]);
    expect(await executor.dispatch(b.opening())).toMatchObject({ accepted: true });
    await executor.stop();

    // Another owner builds its state again from the log.
    const next = await b.start({ kinds: [counters, ...streamKinds(laneModels)], owner: 'next' });
    expect(await next.dispatch(b.credit(own, 4n))).toMatchObject({ accepted: false });
    expect((await b.events(own)).map(({ data }) => data.type)).toEqual(['CreditAdded', 'CreditAdded']);
  });

  it('does not take a command to a stream of no kind', async () => {
    const executor = await b.start({ kinds: streamKinds(laneModels).slice(0, 1) });
    await expect(executor.dispatch(b.credit(b.ids.accountId(), 1n))).rejects.toThrow('no kind of stream');
  });
});
