import { bootstrap, type FirstSecrets } from '@ringfence/application/bootstrap/bootstrap';
import type { LaneHost } from '@ringfence/application/lane/lane-host';
import { LaneExecutor } from '@ringfence/application/lane/lane-executor';
import { ErasureReactor } from '@ringfence/application/reactors/personal-data/erasure-reactor';
import type { ReactorCheckpoints } from '@ringfence/application/reactors/reactor-checkpoints';
import type { ReactorHost } from '@ringfence/application/reactors/reactor-host';
import type { Routes } from '@ringfence/domain/calls/call.commands';
import type { AccountId } from '@ringfence/kernel/ids';
import type { Foundation } from './foundation.js';

/** Only the sandbox carries calls in this release: a live call has no route. */
export const routes: Routes = { live: [], test: [{ trunk: 'sandbox', tier: 'standard', rank: 1 }] };

export type Decider = {
  readonly executor: LaneExecutor;
  readonly ownsLanes: () => boolean;
  readonly stop: () => Promise<void>;
};

/** The one writer: owns the lanes, decides commands, carries out erasures. @param onLost the lanes have gone to another process */
export async function startDecider(
  foundation: Foundation,
  checkpoints: ReactorCheckpoints,
  reactorHost: ReactorHost,
  onLost: () => void,
): Promise<Decider> {
  const { store, vault, timers, clock, ids, openedLog, owner, log, metrics } = foundation;
  // Before anything is decided or served: what the log says is erased, is erased.
  const erasure = await ErasureReactor.start({ store, checkpoints, vault, timers, host: reactorHost, owner });
  let owned = true;
  const host: LaneHost = {
    lanesLost: () => {
      if (!owned) return;
      owned = false;
      log.fatal('another process has taken the lanes: this one can decide nothing any more and ends');
      onLost();
    },
    parked: ({ stream, type }, cause) => {
      log.error({ stream, type, err: cause }, 'a command was set aside: somebody has to look');
    },
    quarantined: (stream, cause) => {
      log.error({ stream, err: cause }, 'an account was set aside: somebody has to look');
    },
    broken: (cause) => {
      log.error({ err: cause }, 'a rule broke that only a bug breaks; state was built again from the log');
    },
  };
  const executor = await LaneExecutor.start({
    store,
    clock,
    timers,
    ids,
    log: openedLog,
    routes,
    owner,
    lanes: 'all',
    host,
    metrics: metrics.lane,
  });
  return {
    executor,
    ownsLanes: () => owned,
    stop: async () => {
      await executor.stop();
      await erasure.stop();
    },
  };
}

export type FirstStartOutcome = {
  readonly accountId: AccountId;
  readonly secrets: FirstSecrets | null;
  readonly shown: () => Promise<void>;
} | null;

/** Makes an empty platform ready for its first call. null: the log was begun by other means. */
export async function makeReady(foundation: Foundation, { executor }: Decider): Promise<FirstStartOutcome> {
  const { openedLog, store, vault, hasher, ids, clock } = foundation;
  const done = await bootstrap({ log: openedLog, store, dispatcher: executor, vault, hasher, ids, clock });
  return done.kind === 'not_ours' ? null : done;
}
