import { relayFailures } from '@ringfence/ports/leases/relay-failures';
import type { LeaseTaking, RelayLease, RelayLeases } from '@ringfence/ports/leases/relay-leases';
import type { Epoch } from '@ringfence/kernel/lane';
import type { Pool } from 'pg';
import { ReactorDatabase } from './reactor-database.js';

/**
 * Takes a lease. If its owner's last renewal lies in the future, the database's clock was set back, and the time of the
 * renewal is unknown.
 */
const takeSql = `
  insert into reactor.lease as held (relay, owner, epoch, heard_at) values ($1, $2, $4::int8 + 1, now())
  on conflict (relay) do update set owner = excluded.owner, epoch = greatest(held.epoch, $4::int8) + 1, heard_at = now()
    where held.owner = excluded.owner
      or held.heard_at <= now() - $3::int8 * interval '1 millisecond'
      or held.heard_at >= now() + $3::int8 * interval '1 millisecond'
  returning epoch`;
const checkSql = 'select 1 from reactor.lease where relay = $1 and epoch = $2';
const renewSql = 'update reactor.lease set heard_at = now() where relay = $1 and epoch = $2 returning 1';
const releaseSql = `update reactor.lease set heard_at = '-infinity' where relay = $1 and epoch = $2 returning 1`;

/** Leases of the relay, in the schema `reactor`. Times are the database's. */
export class PostgresRelayLeases implements RelayLeases {
  private constructor(private readonly db: ReactorDatabase) {}

  /**
   * Creates the schema if there is none. The caller keeps the pool.
   * @throws Failure `relay_leases_unavailable` (retryable)
   */
  static async open(pool: Pool): Promise<PostgresRelayLeases> {
    return new PostgresRelayLeases(await ReactorDatabase.open(pool, 'relay_leases_unavailable'));
  }

  async take({ relay, owner, silentMs, above }: LeaseTaking): Promise<RelayLease | null> {
    const [row] = await this.db.query<{ epoch: string }>(takeSql, [relay, owner, silentMs, above]);
    if (row === undefined) return null;
    const { epoch } = row;
    return {
      epoch: Number(epoch) as Epoch,
      renew: () => this.#asOwner(renewSql, relay, epoch, 'relay.renew'),
      check: () => this.#asOwner(checkSql, relay, epoch, 'relay.check'),
      release: () => this.#asOwner(releaseSql, relay, epoch, 'relay.release'),
    };
  }

  async #asOwner(sql: string, relay: string, epoch: string, name: string): Promise<void> {
    const rows = await this.db.query(sql, [relay, epoch], name);
    if (rows.length === 0) throw relayFailures.relay_lease_lost(relay);
  }
}
