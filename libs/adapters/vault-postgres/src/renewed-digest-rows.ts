import type { RenewedDigest, RenewedDigestStore } from '@ringfence/auth/renewed-digests';
import type { Pool } from 'pg';
import { Coalescer } from '@ringfence/runtime/coalescer';
import { withVaultFailures, vaultOverrun } from './vault-failures.js';
import { createVaultSchema } from './vault-schema.js';

const limits = { batchMax: 256, inFlightMax: 1, queueMax: 4_096, overrun: vaultOverrun };

type Row = {
  readonly logged_pepper_id: string;
  readonly logged_hmac: string;
  readonly pepper_id: string;
  readonly hmac: string;
};

/**
 * Renewed digests of keys, in the schema `vault`: losing the vault loses them, like its values. They are not in the
 * log, because the end of a pepper is no fact of the domain.
 */
export class PostgresRenewedDigests implements RenewedDigestStore {
  readonly #writer: Coalescer<RenewedDigest, true>;

  private constructor(private readonly pool: Pool) {
    this.#writer = new Coalescer((renewals) => this.#write(renewals), limits);
  }

  /**
   * Creates the schema if it is missing. The caller keeps the pool.
   * @throws Failure `vault_unavailable` (retryable)
   */
  static async open(pool: Pool): Promise<PostgresRenewedDigests> {
    await withVaultFailures(() => createVaultSchema(pool));
    return new PostgresRenewedDigests(pool);
  }

  async load(pepperIds: readonly string[]): Promise<readonly RenewedDigest[]> {
    const { rows } = await withVaultFailures(() =>
      this.pool.query<Row>(
        'select logged_pepper_id, logged_hmac, pepper_id, hmac from vault.renewed_digest where pepper_id = any($1)',
        [pepperIds],
      ),
    );
    return rows.map((row) => ({
      logged: { pepperId: row.logged_pepper_id, hmacSha256: row.logged_hmac },
      renewed: { pepperId: row.pepper_id, hmacSha256: row.hmac },
    }));
  }

  async record(renewed: RenewedDigest): Promise<void> {
    await this.#writer.submit(renewed);
  }

  /** Records that the keys under a pepper were given up: a start without that pepper is then no mistake. */
  async retire(pepperId: string): Promise<void> {
    const sql = 'insert into vault.retired_pepper (pepper_id) values ($1) on conflict do nothing';
    await withVaultFailures(() => this.pool.query(sql, [pepperId]));
  }

  async retired(): Promise<ReadonlySet<string>> {
    const { rows } = await withVaultFailures(() =>
      this.pool.query<{ readonly pepper_id: string }>('select pepper_id from vault.retired_pepper'),
    );
    return new Set(rows.map((row) => row.pepper_id));
  }

  async #write(renewals: readonly RenewedDigest[]): Promise<readonly true[]> {
    await withVaultFailures(() =>
      this.pool.query(
        // In the same order in every process, so that two of them cannot deadlock.
        `insert into vault.renewed_digest (logged_pepper_id, logged_hmac, pepper_id, hmac)
         select * from unnest($1::text[], $2::text[], $3::text[], $4::text[]) order by 1, 2, 3 on conflict do nothing`,
        [
          renewals.map(({ logged }) => logged.pepperId),
          renewals.map(({ logged }) => logged.hmacSha256),
          renewals.map(({ renewed }) => renewed.pepperId),
          renewals.map(({ renewed }) => renewed.hmacSha256),
        ],
      ),
    );
    return renewals.map(() => true);
  }
}
