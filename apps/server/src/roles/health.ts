import type { KeyRegistry } from '@ringfence/auth/key-registry';
import type { ClockTrouble } from '@ringfence/lanes/lane-clock';
import type { Health } from '@ringfence/http/edge/ports';
import type { ReactorWatch } from '../telemetry/reactor-watch.js';
import type { Decider } from './decider.role.js';
import type { Foundation } from './foundation.js';

const databaseAnswersWithinMs = 1_000;

/** What readiness looks at: the parts that this process has. */
export class PlatformHealth implements Health {
  #stopping = false;

  constructor(
    private readonly foundation: Pick<Foundation, 'clock' | 'metrics' | 'db'>,
    private readonly parts_: {
      readonly decider: Pick<Decider, 'ownsLanes' | 'clockTrouble'> | null;
      readonly registry: KeyRegistry | null;
      readonly projects: boolean;
      /** null: this process has none. */
      readonly reactors: Pick<ReactorWatch, 'standing'> | null;
    },
  ) {}

  /** From now on it is not ready, so that a balancer looks elsewhere. */
  beginStop(): void {
    this.#stopping = true;
  }

  get isStopping(): boolean {
    return this.#stopping;
  }

  async parts(): Promise<Readonly<Record<string, string | null>>> {
    const { decider, registry, projects, reactors } = this.parts_;
    const { clock, metrics } = this.foundation;
    return {
      process: this.#stopping ? 'is stopping' : null,
      database: (await this.#databaseAnswers()) ? null : 'does not answer',
      clock: clockTrouble(decider?.clockTrouble() ?? (clock.stepMs === null ? null : 'stepped')),
      ...(decider === null ? {} : { lanes: decider.ownsLanes() ? null : 'belong to another process' }),
      ...(registry === null
        ? {}
        : {
            key_registry: registry.isFresh(clock.now()) ? null : 'has not seen the end of the log lately',
          }),
      ...(projects ? { projections: standStill([...metrics.stoppedProjections.keys()]) } : {}),
      ...(reactors === null ? {} : { reactors: standStill([...reactors.standing]) }),
    };
  }

  async #databaseAnswers(): Promise<boolean> {
    let late: NodeJS.Timeout | undefined = undefined;
    const deadline = new Promise<false>((resolve) => {
      late = setTimeout(resolve, databaseAnswersWithinMs, false);
    });
    const asked = this.foundation.db.query('select 1').then(
      () => true,
      () => false,
    );
    return Promise.race([asked, deadline]).finally(() => {
      clearTimeout(late);
    });
  }
}

function clockTrouble(trouble: ClockTrouble | null): string | null {
  switch (trouble) {
    case null:
      return null;
    case 'stepped':
      return 'was set, and it is not clear yet whether it is right';
    case 'off_store':
      return 'is not that of the database';
  }
}

function standStill(names: readonly string[]): string | null {
  return names.length === 0 ? null : `stand still: ${names.join(', ')}`;
}
