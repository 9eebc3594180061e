import { decodeEvent } from '@ringfence/event-catalog/event-codec';
import { createLogSchema } from '@ringfence/event-store-postgres/migrate';
import { createDeliverySchema } from '@ringfence/reactor-checkpoints-postgres/delivery-schema';
import { createReactorSchema } from '@ringfence/reactor-checkpoints-postgres/reactor-schema';
import { createVaultSchema } from '@ringfence/vault-postgres/vault-schema';
import type { LogIdentity } from '@ringfence/backup-postgres/backup';
import type { ClientBase } from 'pg';
import { cliFailures } from '../failures.js';
import { postgresLogSource } from '../replay/log-source.js';

/** All schemas except those of projections. A test compares them with what a platform creates in its database. */
export const backedUpSchemas: readonly string[] = ['log', 'reactor', 'vault', 'webhook'];

/** Creates the schemas of this release, empty, within the client's transaction. */
export async function createPlatformSchemas(client: ClientBase): Promise<void> {
  // In the order of a server's start: a process that starts meanwhile waits at the first lock.
  await createLogSchema(client);
  await createVaultSchema(client);
  await createReactorSchema(client);
  await createDeliverySchema(client);
}

/** @throws Failure `log_missing`: there is nothing to back up */
export async function identifyLog(client: ClientBase): Promise<LogIdentity> {
  const log = postgresLogSource(client);
  const head = await log.head();
  const [first] = await log.page(0);
  if (first === undefined) throw cliFailures.log_missing();
  const { data } = decodeEvent(first.bytes);
  if (data.type !== 'LogOpened') throw cliFailures.log_broken(1);
  const { rows } = await client.query<{ id: string }>(
    `select master_key_id as id from vault.durable_key union select master_key_id from vault.subject
     union select master_key_id from vault.packed_subject order by 1`,
  );
  return { logId: data.logId, head, masterKeyIds: rows.map(({ id }) => id) };
}
