import type { Clock } from '@ringfence/kernel/clock';
import type { Epoch } from '@ringfence/kernel/lane';
import { type EpochMs, epochMs } from '@ringfence/kernel/units';
import { relayFailures } from '@ringfence/ports/leases/relay-failures';
import type { LeaseTaking, RelayLease, RelayLeases } from '@ringfence/ports/leases/relay-leases';

type Held = { readonly owner: string; readonly epoch: number; renewedAtMs: EpochMs };

/** Leases of one process, for tests: relays that share it are like processes that share a database. */
export class InMemoryRelayLeases implements RelayLeases {
  readonly #held = new Map<string, Held>();

  constructor(private readonly clock: Clock) {}

  async take({ relay, owner, silentMs, above }: LeaseTaking): Promise<RelayLease | null> {
    await Promise.resolve();
    const nowMs = this.clock.now();
    const before = this.#held.get(relay);
    if (before !== undefined && before.owner !== owner && Math.abs(nowMs - before.renewedAtMs) < silentMs) return null;
    const epoch = Math.max(before?.epoch ?? 0, above) + 1;
    this.#held.set(relay, { owner, epoch, renewedAtMs: nowMs });
    return {
      epoch: epoch as Epoch,
      renew: () => this.#asOwner(relay, epoch, this.clock.now()),
      check: () => this.#asOwner(relay, epoch, null),
      release: () => this.#asOwner(relay, epoch, epochMs(0)),
    };
  }

  async #asOwner(relay: string, epoch: number, renewedAtMs: EpochMs | null): Promise<void> {
    await Promise.resolve();
    const held = this.#held.get(relay);
    if (held?.epoch !== epoch) throw relayFailures.relay_lease_lost(relay);
    if (renewedAtMs !== null) held.renewedAtMs = renewedAtMs;
  }
}
