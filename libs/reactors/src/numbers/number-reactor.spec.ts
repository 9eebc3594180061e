import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { CommandOutcome, SubmittedCommand } from '@ringfence/commands/command-dispatcher';
import type { DomainEventType } from '@ringfence/domain/domain-event';
import { Failure } from '@ringfence/kernel/failure';
import { type AccountId, inventoryStream, type NumberId, platformStream } from '@ringfence/kernel/ids';
import { type Position, position } from '@ringfence/kernel/units';
import type { LaneExecutor } from '@ringfence/lanes/lane-executor';
import type { ReactorCheckpoints } from '@ringfence/ports/checkpoints/reactor-checkpoints';
import { InMemorySubjectVault } from '@ringfence/vault-memory/memory-subject-vault';
import { cappedTimers, LaneBench } from '@ringfence/testing/lane-bench';
import { NumberReactor, type PendingAllocations } from './number-reactor.js';

const clear = '+15005550100';
const quarantinedOutcome: CommandOutcome = {
  accepted: false,
  position: position(0),
  refusal: { code: 'account_quarantined', detail: 'ill' },
  replayed: false,
};

/** Death of a process at a point of a delivery. */
class Killed extends Error {}

let b: LaneBench;
let executor: LaneExecutor;
let vault: InMemorySubjectVault;
let saved: Position;
let pending: Awaited<ReturnType<PendingAllocations['pendingAllocations']>>;
/** Called around each dispatch; throws where the process is to end. */
let before: (command: SubmittedCommand) => void;
let after: (command: SubmittedCommand) => void;
/** The outcome of a command that never reaches its lane. */
let insteadOf: (command: SubmittedCommand) => CommandOutcome | undefined;
let dispatched: SubmittedCommand[];
let errors: unknown[];
let stopped: unknown[];
const reactors: NumberReactor[] = [];

beforeEach(async () => {
  b = new LaneBench();
  executor = await b.start();
  vault = new InMemorySubjectVault(b.ids);
  saved = position(0);
  pending = [];
  [before, after, insteadOf] = [() => undefined, () => undefined, () => undefined];
  [dispatched, errors, stopped] = [[], [], []];
});
afterEach(async () => {
  for (const reactor of reactors.splice(0)) await reactor.stop();
  await b.stop();
});

const checkpoints: ReactorCheckpoints = {
  take: () =>
    Promise.resolve({
      next: saved,
      save: (next) => {
        saved = next;
        return Promise.resolve();
      },
    }),
  close: () => Promise.resolve(),
};

async function start(): Promise<NumberReactor> {
  const reactor = await NumberReactor.start({
    store: b.store,
    checkpoints,
    timers: cappedTimers,
    clock: b.clock,
    owner: 'spec',
    vault,
    host: {
      stopped: (_reactor, cause) => stopped.push(cause),
      onRetryableError: (_reactor, cause) => errors.push(cause),
    },
    dispatcher: {
      dispatch: async (command) => {
        before(command);
        dispatched.push(command);
        const outcome = insteadOf(command) ?? (await executor.dispatch(command));
        after(command);
        return outcome;
      },
    },
    pending: { pendingAllocations: () => Promise.resolve(pending) },
  });
  reactors.push(reactor);
  return reactor;
}

async function add(accountId: AccountId, numberId: NumberId = b.ids.numberId()): Promise<CommandOutcome> {
  const number = { clear, sealed: await vault.seal(platformStream, clear) };
  const payload = { type: 'AddNumber', numberId, accountId, number, locality: null, name: null } as const;
  return executor.dispatch({ ...b.command(payload), stream: inventoryStream });
}

function withdraw(accountId: AccountId, numberId: NumberId): Promise<CommandOutcome> {
  return executor.dispatch(b.command({ type: 'WithdrawNumber', accountId, numberId }));
}

/** The types of the events of a stream that are about numbers. */
async function typesIn(stream: AccountId | typeof inventoryStream): Promise<readonly DomainEventType[]> {
  return (await b.events(stream)).map(({ data }) => data.type).filter((type) => type.startsWith('Number'));
}

const until = async (stream: AccountId | typeof inventoryStream, count: number) => {
  await b.until(async () => (await typesIn(stream)).length === count);
};
const isAtHead = () => b.until(async () => saved === (await b.store.head()));

describe('a number that was added', () => {
  it('is received by its account, and can be added again once it was withdrawn and released', async () => {
    await start();
    const [one, two] = [await b.opened(executor), await b.opened(executor)];
    const first = b.ids.numberId();
    await add(one, first);
    await until(one, 1);
    expect(await add(two)).toMatchObject({ refusal: { code: 'number_already_added' } });
    await withdraw(one, first);
    await until(inventoryStream, 2);
    expect(await add(two)).toMatchObject({ accepted: true });
    await until(two, 1);
    expect(await typesIn(one)).toEqual(['NumberReceived', 'NumberWithdrawn']);
    expect(await typesIn(inventoryStream)).toEqual(['NumberAdded', 'NumberReleased', 'NumberAdded']);
    expect([errors, stopped]).toEqual([[], []]);
  });

  it('reaches its account sealed as a value of the account, which calls from it present', async () => {
    await start();
    const accountId = await b.opened(executor);
    await add(accountId);
    await until(accountId, 1);
    const received = (await b.events(accountId)).map(({ data }) => data).find(({ type }) => type === 'NumberReceived');
    if (received?.type !== 'NumberReceived') throw new Error('it was received');
    expect(received.ownNumber.subjectId).toBe((await vault.seal(accountId, clear)).subjectId);
    expect(received.ownNumber.subjectId).not.toBe(received.number.subjectId);
    expect(await vault.open([received.ownNumber])).toEqual([clear]);
  });

  it('is released where there is no such account, and never received there, even if it is opened meanwhile', async () => {
    const opening = b.opening();
    const accountId = opening.stream as AccountId;
    const numberId = b.ids.numberId();
    await add(accountId, numberId);
    // The process ends when the account has refused, and before the inventory knows of it.
    before = ({ payload }) => {
      if (payload.type === 'ReleaseNumber') throw new Killed();
    };
    await start();
    await b.until(() => stopped.length === 1);
    await executor.dispatch(opening);
    before = () => undefined;
    await start();
    await until(inventoryStream, 2);
    expect(await typesIn(inventoryStream)).toEqual(['NumberAdded', 'NumberReleased']);
    expect(await typesIn(accountId)).toEqual([]);
    const another = await b.opened(executor);
    expect(await add(another)).toMatchObject({ accepted: true });
    await until(another, 1);
    expect(await typesIn(accountId)).toEqual([]);
  });
});

describe('a process that ends between two steps', () => {
  /** Ends the process at the given point of the given command, once, and starts the next. */
  async function killedAt(point: 'before' | 'after', type: SubmittedCommand['payload']['type']): Promise<void> {
    const kill = ({ payload }: SubmittedCommand) => {
      if (payload.type === type) throw new Killed();
    };
    if (point === 'before') before = kill;
    else after = kill;
    await start();
    await b.until(() => stopped.length === 1);
    [before, after] = [() => undefined, () => undefined];
    await start();
    await isAtHead();
  }

  it.each(['before', 'after'] as const)('%s the account has received it: it is received once', async (point) => {
    const account = await b.opened(executor);
    await add(account);
    await killedAt(point, 'ReceiveNumber');
    expect(await typesIn(account)).toEqual(['NumberReceived']);
  });

  it.each(['before', 'after'] as const)('%s the inventory has it back: it is released once', async (point) => {
    const account = await b.opened(executor);
    const numberId = b.ids.numberId();
    await add(account, numberId);
    const first = await start();
    await until(account, 1);
    await first.stop();
    await withdraw(account, numberId);
    await killedAt(point, 'ReleaseNumber');
    expect(await typesIn(inventoryStream)).toEqual(['NumberAdded', 'NumberReleased']);
    expect(await typesIn(account)).toEqual(['NumberReceived', 'NumberWithdrawn']);
  });

  it('repeats from the beginning of the log what was done, and changes nothing', async () => {
    const [one, two] = [await b.opened(executor), await b.opened(executor)];
    const numberId = b.ids.numberId();
    const first = await start();
    await add(one, numberId);
    await until(one, 1);
    await withdraw(one, numberId);
    await until(inventoryStream, 2);
    await add(two);
    await until(two, 1);
    await first.stop();
    const head = await b.store.head();
    saved = position(0);
    dispatched = [];
    await start();
    await isAtHead();
    expect(dispatched).toHaveLength(3);
    expect(await b.store.head()).toBe(head);
  });
});

describe('a step that cannot be taken at the moment', () => {
  it('holds up no other, and is taken by the sweep once it can be', async () => {
    const [ill, well] = [await b.opened(executor), await b.opened(executor)];
    let isIll = true;
    insteadOf = ({ stream }) => (isIll && stream === ill ? quarantinedOutcome : undefined);
    const numberId = b.ids.numberId();
    await add(ill, numberId);
    const other = '+15005550101';
    const payload = {
      type: 'AddNumber',
      numberId: b.ids.numberId(),
      accountId: well,
      number: { clear: other, sealed: await vault.seal(platformStream, other) },
      locality: null,
      name: null,
    } as const;
    await executor.dispatch({ ...b.command(payload), stream: inventoryStream });
    await start();
    await until(well, 1);
    await isAtHead();
    expect(errors[0]).toMatchObject({ code: 'number_not_delivered', retryable: true });
    expect(await typesIn(ill)).toEqual([]);
    isIll = false;
    pending = [{ numberId, accountId: ill, awaits: 'receipt' }];
    await until(ill, 1);
    expect(await typesIn(ill)).toEqual(['NumberReceived']);
  });

  it('is repeated by the sweep for a number on its way back', async () => {
    const account = await b.opened(executor);
    const numberId = b.ids.numberId();
    await add(account, numberId);
    const first = await start();
    await until(account, 1);
    await first.stop();
    await withdraw(account, numberId);
    saved = await b.store.head();
    pending = [{ numberId, accountId: account, awaits: 'release' }];
    await start();
    await until(inventoryStream, 2);
    expect(await typesIn(inventoryStream)).toEqual(['NumberAdded', 'NumberReleased']);
  });

  it('waits for a lane that is not available, and passes nothing over', async () => {
    const account = await b.opened(executor);
    await add(account);
    let left = 2;
    before = () => {
      left -= 1;
      if (left >= 0) throw new Failure('lane_unavailable', 'another process decides now', true);
    };
    await start();
    await until(account, 1);
    expect(errors).toHaveLength(2);
  });
});
