import { findEmbeddedPostgres } from '@ringfence/sql-postgres/embedded-postgres';
import pg from 'pg';

/** An event as it is in the database: its attributes and data as JSON, read here without any of the platform's code. */
export type StoredEvent = {
  readonly position: number;
  readonly stream: string;
  readonly version: number;
  readonly type: string;
  readonly bytes: Buffer;
  readonly json: { readonly [attribute: string]: unknown };
  readonly data: { readonly [field: string]: unknown };
};

/** Connects to the embedded database of a platform that runs, or has just been killed. */
async function connect(dataDir: string): Promise<pg.Client> {
  const url = await findEmbeddedPostgres(dataDir);
  if (url === undefined) throw new Error(`no embedded database serves ${dataDir}`);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
}

export async function withDatabase<Result>(
  dataDir: string,
  use: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = await connect(dataDir);
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

/** Reads all events, in order. */
export async function readLog(dataDir: string): Promise<readonly StoredEvent[]> {
  const rows = await withDatabase(dataDir, async (client) => {
    const found = await client.query<{
      position: string;
      stream: string;
      version: string;
      type: string;
      bytes: Buffer;
    }>('select position, stream, version, type, bytes from log.event order by position');
    return found.rows;
  });
  return rows.map(({ position, stream, version, type, bytes }) => {
    const json = JSON.parse(bytes.toString('utf8')) as StoredEvent['json'];
    return {
      position: Number(position),
      stream,
      version: Number(version),
      type,
      bytes,
      json,
      data: json['data'] as StoredEvent['data'],
    };
  });
}

export const ofType = (events: readonly StoredEvent[], name: string): readonly StoredEvent[] =>
  events.filter(({ type }) => type.startsWith(`ringfence.${name}.v`));

export const decidedAt = ({ json }: StoredEvent): number => Number(json['decidedat']);
