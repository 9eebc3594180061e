import { sandboxRoutes } from '@ringfence/domain/routing/routes';
import type { Lane } from '@ringfence/kernel/lane';
import { checkLogAhead, latestDecisionMs } from '@ringfence/lanes/latest-decision';
import { LaneExecutor } from '@ringfence/lanes/lane-executor';
import type { LanesAtStart } from '@ringfence/lanes/lane-executor-options';
import type { LaneHost } from '@ringfence/lanes/lane-host';
import { startErasureReactor } from '@ringfence/reactors/personal-data/erasure-reactor';
import type { ReactorHost } from '@ringfence/reactors/reactor-host';
import { startRegisterReactor } from '@ringfence/reactors/register/register-reactor';
import type { Needs } from '../server-process.js';
import { RegisterFile } from '../start/register-file.js';
import type { ServerLog } from '../telemetry/server-log.js';
import { startSegmentMover } from './segment-mover.js';
import type { DeciderExit } from './decider-exit.js';

type Running = { readonly stop: () => Promise<void> };
/** Runs a duty that only one process may have at a time. */
export type RunDuty = (duty: string, start: (host: ReactorHost) => Promise<Running>) => Promise<Running>;

/** The parts of a decider that depend on the topology. */
type DecidingMode = {
  readonly lanes: LanesAtStart;
  readonly runDuty: RunDuty;
  readonly onLanesLost: (lanes: readonly Lane[]) => void;
};

/**
 * Decides commands, carries out erasures and keeps their register.
 * @returns the executor that commands are dispatched to; its stop is on the undo stack
 */
export async function startDecider(
  process: Needs<
    | 'checkpoints' | 'clock' | 'config' | 'health' | 'ids' | 'log' | 'metrics' | 'openedLog' | 'owner' | 'segments' | 'store'
    | 'timers' | 'tracing' | 'undo' | 'vault' // prettier-ignore
  >,
  exit: DeciderExit,
  { lanes, runDuty, onLanesLost }: DecidingMode,
): Promise<LaneExecutor> {
  const {
    checkpoints,
    clock,
    config,
    health,
    ids,
    log,
    metrics,
    openedLog,
    owner,
    store,
    timers,
    tracing,
    undo,
    vault,
  } = process;
  const decidedUpToMs = await latestDecisionMs(store);
  checkLogAhead(decidedUpToMs, clock.now(), config.logAheadUntilMs);
  const parts = { store, checkpoints, timers, owner };
  // Before anything is decided or served, every erasure in the log is carried out.
  undo.own(await runDuty('erasure', (host) => startErasureReactor({ ...parts, vault, host })));
  const register = new RegisterFile(config.dataDir);
  undo.own(await runDuty('register', (host) => startRegisterReactor({ ...parts, register, host })));
  const executor = await LaneExecutor.start({
    store,
    clock,
    timers,
    ids,
    log: openedLog,
    routes: sandboxRoutes,
    owner,
    decidedUpToMs,
    lanes,
    host: laneHost(log, exit, onLanesLost),
    metrics: metrics.lane,
    tracing,
  });
  undo.own(executor);
  undo.own(startSegmentMover(process));
  health.watchDecider({ ownsLanes: () => exit.ownsLanes, clockFault: () => executor.clockFault });
  return executor;
}

function laneHost(log: ServerLog, exit: DeciderExit, onLanesLost: DecidingMode['onLanesLost']): LaneHost {
  return {
    lanesLost: onLanesLost,
    outdated: (_stream, cause) => {
      exit.endOutdated(cause);
    },
    parked: ({ stream, type }, cause) => {
      log.event('command_parked', { stream, type, err: cause });
    },
    quarantined: (stream, cause, why) => {
      log.event('account_quarantined', { stream, why, err: cause });
    },
    broken: (cause) => {
      log.event('invariant_violated', { err: cause });
    },
  };
}
