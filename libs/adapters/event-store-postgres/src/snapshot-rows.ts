import type { Snapshot } from '@ringfence/ports/log/event-store';
import type { StreamId } from '@ringfence/kernel/ids';
import { streamVersion } from '@ringfence/kernel/units';
import { withClient } from '@ringfence/sql-postgres/held-client';
import type { Pool, PoolClient } from 'pg';

/** Reads the head and the pieces in one statement, so that they belong to the same snapshot. */
export async function readSnapshot(pool: Pool, stream: StreamId, evolveVersion: number): Promise<Snapshot | undefined> {
  const { rows } = await pool.query<SnapshotRow>({
    name: 'log.snapshot',
    text: readSql,
    values: [stream, evolveVersion],
  });
  const [row] = rows;
  return row && { stream, version: streamVersion(row.version), evolveVersion, pieces: row.pieces };
}

/**
 * Replaces the stream's snapshot, unless the stored one is later. Piece by piece, because a large state as one
 * parameter would block the process while it is encoded.
 */
export async function writeSnapshot(pool: Pool, snapshot: Snapshot): Promise<void> {
  await withClient(pool, async (client) => {
    await client.query('begin');
    if (await isLatest(client, snapshot)) await replacePieces(client, snapshot);
    await client.query('commit');
  });
}

async function isLatest(client: PoolClient, { stream, version, evolveVersion }: Snapshot): Promise<boolean> {
  const { rowCount } = await client.query({
    name: 'log.snapshot_head',
    text: headSql,
    values: [stream, version, evolveVersion],
  });
  return rowCount === 1;
}

async function replacePieces(client: PoolClient, { stream, pieces }: Snapshot): Promise<void> {
  await client.query({ name: 'log.snapshot_pieces_deleted', text: deleteSql, values: [stream] });
  for (const [number, bytes] of pieces.entries()) {
    await client.query({ name: 'log.snapshot_piece', text: pieceSql, values: [stream, number, Buffer.from(bytes)] });
  }
}

type SnapshotRow = { readonly version: number; readonly pieces: readonly Buffer[] };

const readSql = `select version, array(
    select bytes from log.snapshot_piece where stream = $1 order by number
  ) as pieces from log.snapshot_head where stream = $1 and evolve_version = $2`;
const headSql = `insert into log.snapshot_head as held (stream, version, evolve_version) values ($1, $2, $3)
  on conflict (stream) do update set version = excluded.version, evolve_version = excluded.evolve_version
  where excluded.evolve_version > held.evolve_version or excluded.version >= held.version`;
const deleteSql = 'delete from log.snapshot_piece where stream = $1';
const pieceSql = 'insert into log.snapshot_piece (stream, number, bytes) values ($1, $2, $3)';
