import type { LeaseTaking, RelayLease, RelayLeases } from '@ringfence/ports/leases/relay-leases';
import { Failure } from '@ringfence/kernel/failure';
import type { Recording } from '../checkers/recording.js';
import type { SimulatedProcess } from './simulated-process.js';

/** The leases of a simulated cluster, as one of its processes reaches them. */
export class SimulatedRelayLeases implements RelayLeases {
  constructor(
    private readonly inner: RelayLeases,
    private readonly process: SimulatedProcess,
    private readonly recording: Recording,
  ) {}

  async take(taking: LeaseTaking): Promise<RelayLease | null> {
    const lease = await this.#ask(async () => {
      const taken = await this.inner.take(taking);
      if (taken !== null) this.recording.note({ kind: 'leased', process: this.process.name, epoch: taken.epoch });
      return taken;
    });
    if (lease === null) return null;
    return {
      epoch: lease.epoch,
      renew: () => this.#ask(() => lease.renew()),
      check: () => this.#ask(() => lease.check()),
      release: () => this.#ask(() => lease.release()),
    };
  }

  #ask<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    return this.process.ask({ work, unavailable });
  }
}

function unavailable(): Failure {
  return new Failure('relay_leases_unavailable', 'The simulated database does not answer.', true);
}
