import { afterEach, describe, expect, it } from '@jest/globals';
import type { SealedText } from '@ringfence/domain/shared/values';
import { Failure } from '@ringfence/kernel/failure';
import type { StreamId, SubjectId } from '@ringfence/kernel/ids';
import { type Position, position } from '@ringfence/kernel/units';
import { exampleEvents } from '@ringfence/testing/example-events';
import { ExampleLog } from '@ringfence/testing/example-log';
import { exampleAccountId } from '@ringfence/testing/examples';
import { systemTimers } from '@ringfence/runtime/system-timers';
import { InMemorySubjectVault } from '@ringfence/vault-memory/memory-subject-vault';
import type { ReactorCheckpoints } from '@ringfence/ports/checkpoints/reactor-checkpoints';
import type { LogReactor } from '../log-reactor.js';
import { startErasureReactor } from './erasure-reactor.js';

/** A vault whose process ends, or which cannot be reached, at a moment that the spec chooses. */
class FailingVault extends InMemorySubjectVault {
  readonly erased: SubjectId[] = [];
  away = 0;

  override async erase(account: StreamId, subjectId: SubjectId): Promise<void> {
    if (this.away > 0) {
      this.away -= 1;
      throw new Failure('vault_unavailable', 'the vault is away', true);
    }
    await super.erase(account, subjectId);
    this.erased.push(subjectId);
  }
}

/** One platform's durable things; processes come and go over them. */
class World {
  readonly log = new ExampleLog();
  readonly vault = new FailingVault(this.log.ids);
  readonly errors: unknown[] = [];
  readonly stopped: unknown[] = [];
  saved: Position = position(0);
  /** Error of the next `save`: the process that was to save dies there. */
  saveFails: Error | undefined;

  readonly checkpoints: ReactorCheckpoints = {
    take: () =>
      Promise.resolve({
        next: this.saved,
        save: (next) => {
          if (this.saveFails !== undefined) return Promise.reject(this.saveFails);
          this.saved = next;
          return Promise.resolve();
        },
      }),
    close: () => Promise.resolve(),
  };

  async start(): Promise<LogReactor<'SubjectErased'>> {
    const { vault, checkpoints, errors, stopped } = this;
    const { store } = this.log;
    const host = {
      stopped: (_reactor: string, cause: unknown) => stopped.push(cause),
      onRetryableError: (_reactor: string, cause: unknown) => errors.push(cause),
    };
    const reactor = await startErasureReactor({ store, vault, checkpoints, timers: systemTimers, owner: 'spec', host });
    reactors.push(reactor);
    return reactor;
  }

  seal(value: string): Promise<SealedText> {
    return this.vault.seal(exampleAccountId, value);
  }

  read(...sealed: readonly SealedText[]): Promise<readonly (string | null)[]> {
    return this.vault.open(sealed);
  }

  /** Says in the log that it is erased. */
  erase({ subjectId }: SealedText): Promise<void> {
    return this.log.append({ ...exampleEvents.SubjectErased, subjectId });
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise((resolve) => setImmediate(resolve));
  }
}

const reactors: LogReactor<'SubjectErased'>[] = [];

describe('the erasure reactor', () => {
  afterEach(async () => {
    for (const reactor of reactors.splice(0)) await reactor.stop();
  });

  it('has carried out, before it is started, every erasure that the log knows of, and no other', async () => {
    const world = new World();
    const [one, two, kept] = [await world.seal('+14155550100'), await world.seal('Ada'), await world.seal('Bob')];
    await world.erase(one);
    await world.erase(two);
    await world.start();
    expect(await world.read(one, two, kept)).toEqual([null, null, 'Bob']);
    expect(world.saved).toBe(2);
  });

  it('is at the end of the log once it is started, so that the next start does not read the same again', async () => {
    const world = new World();
    await world.log.append({ ...exampleEvents.AccountVerified });
    await world.start();
    expect(world.saved).toBe(1);
  });

  it('carries out what is decided while it runs', async () => {
    const world = new World();
    const number = await world.seal('+14155550100');
    await world.start();
    expect(await world.read(number)).toEqual(['+14155550100']);
    await world.erase(number);
    await world.until(() => world.saved === 1);
    expect(await world.read(number)).toEqual([null]);
  });

  it('catches up on events in the log when a process ended before its vault was updated', async () => {
    const world = new World();
    const number = await world.seal('+14155550100');
    const first = await world.start();
    await first.stop();
    await world.erase(number);
    expect(await world.read(number)).toEqual(['+14155550100']);
    await world.start();
    expect(await world.read(number)).toEqual([null]);
  });

  it('erases again what was erased before the checkpoint was saved, and does no harm by it', async () => {
    const world = new World();
    const [number, kept] = [await world.seal('+14155550100'), await world.seal('Bob')];
    await world.erase(number);
    world.saveFails = new Failure('reactor_checkpoints_unavailable', 'the process ends here', true);
    await expect(world.start()).rejects.toThrow('the process ends here');
    // The value is a new subject by then: the old one's erasure does not touch it.
    const resealed = await world.seal('+14155550100');
    world.saveFails = undefined;
    await world.start();
    expect(world.vault.erased).toEqual([number.subjectId, number.subjectId]);
    expect(await world.read(number, resealed, kept)).toEqual([null, '+14155550100', 'Bob']);
    expect(world.saved).toBe(1);
  });

  it('does not start while the vault is away, for what was erased must not be served', async () => {
    const world = new World();
    const number = await world.seal('+14155550100');
    await world.erase(number);
    world.vault.away = 1;
    await expect(world.start()).rejects.toMatchObject({ code: 'vault_unavailable', retryable: true });
    expect(world.saved).toBe(0);
    await world.start();
    expect(await world.read(number)).toEqual([null]);
  });

  it('waits for a vault that goes away while it runs, and passes nothing over', async () => {
    const world = new World();
    const number = await world.seal('+14155550100');
    await world.start();
    world.vault.away = 1;
    await world.erase(number);
    await world.until(() => world.saved === 1);
    expect(world.errors).toEqual([expect.objectContaining({ code: 'vault_unavailable' })]);
    expect(await world.read(number)).toEqual([null]);
  });

  it('does nothing any more once another process has it', async () => {
    const world = new World();
    const number = await world.seal('+14155550100');
    await world.start();
    world.saveFails = new Failure('reactor_lease_lost', 'another owner has it', false);
    await world.erase(number);
    await world.until(() => world.stopped.length > 0);
    expect(world.stopped).toEqual([expect.objectContaining({ code: 'reactor_lease_lost' })]);
    expect(world.saved).toBe(0);
  });
});
