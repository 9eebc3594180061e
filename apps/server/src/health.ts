import type { GuardedClock } from '@ringfence/kernel/clock';
import type { ClockFault } from '@ringfence/lanes/lane-clock';
import type { Health } from '@ringfence/http/edge/ports';
import type { SqlDatabase } from '@ringfence/ports/sql/sql-database';

const databaseAnswersWithinMs = 1_000;

/** Parts besides the process and its database, in display order. */
const partNames = ['clock', 'lanes', 'key_registry', 'projections', 'reactors'] as const;
type PartName = (typeof partNames)[number];
/** @returns what is missing; null: the part is ready */
type Check = () => string | null;

/** Readiness: each part of this process that has to be ready registers its check. */
export class PlatformHealth implements Health {
  #stopping = false;
  readonly #checks = new Map<PartName, Check>();

  constructor(
    private readonly clock: GuardedClock,
    private readonly db: SqlDatabase,
  ) {
    this.watch('clock', () => describeClock(this.#clockStep()));
  }

  watch(part: PartName, check: Check): void {
    this.#checks.set(part, check);
  }

  /** Watches a part with several members; it is not ready while any of them has stopped. */
  watchStopped(part: PartName, stopped: () => Iterable<string>): void {
    this.watch(part, () => {
      const names = [...stopped()];
      return names.length === 0 ? null : `stopped: ${names.join(', ')}`;
    });
  }

  /** Watches lanes and clock of a decider, which also compares the clock with that of the database. */
  watchDecider(decider: { readonly ownsLanes: () => boolean; readonly clockFault: () => ClockFault | null }): void {
    this.watch('lanes', () => (decider.ownsLanes() ? null : 'belong to another process'));
    this.watch('clock', () => describeClock(decider.clockFault() ?? this.#clockStep()));
  }

  /** Makes the process not ready, so that load balancers send requests elsewhere. */
  beginStop(): void {
    this.#stopping = true;
  }

  get isStopping(): boolean {
    return this.#stopping;
  }

  async parts(): Promise<Readonly<Record<string, string | null>>> {
    const process = this.#stopping ? 'is stopping' : null;
    const database = (await this.#databaseAnswers()) ? null : 'does not answer';
    const checked = partNames.flatMap((name) => {
      const check = this.#checks.get(name);
      return check === undefined ? [] : [[name, check()] as const];
    });
    return { process, database, ...Object.fromEntries(checked) };
  }

  #clockStep(): ClockFault | null {
    return this.clock.stepMs === null ? null : 'stepped';
  }

  async #databaseAnswers(): Promise<boolean> {
    let late: NodeJS.Timeout | undefined = undefined;
    const deadline = new Promise<false>((resolve) => {
      late = setTimeout(resolve, databaseAnswersWithinMs, false);
    });
    const asked = this.db.query('select 1').then(
      () => true,
      () => false,
    );
    return Promise.race([asked, deadline]).finally(() => {
      clearTimeout(late);
    });
  }
}

function describeClock(fault: ClockFault | null): string | null {
  switch (fault) {
    case null:
      return null;
    case 'stepped':
      return 'was set, and it is not clear yet whether it is right';
    case 'off_store':
      return 'is not that of the database';
  }
}
