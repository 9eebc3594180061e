import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { placeOf } from './cluster-place.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.js';

/** An initdb whose starter was killed may still write. */
const removed = { recursive: true, force: true, maxRetries: 20, retryDelay: 100 };

/** Embedded servers of one test, and their folders, including those that root keeps outside the data folder. */
export class ScratchClusters {
  readonly #folders: string[] = [];
  readonly #servers: EmbeddedPostgres[] = [];

  /** Path of a data folder that does not exist yet, below one of mode `mode`. */
  async dataDir(mode = 0o711, below = tmpdir()): Promise<string> {
    const top = await mkdtemp(join(below, 'ringfence-embedded-'));
    this.#folders.push(top);
    await chmod(top, mode);
    return join(top, 'data');
  }

  async start(dataDir: string, options: { readonly make?: boolean } = {}): Promise<EmbeddedPostgres> {
    const server = await startEmbeddedPostgres({ dataDir, durable: false, ...options });
    this.#servers.push(server);
    return server;
  }

  async discard(): Promise<void> {
    for (const server of this.#servers.splice(0)) await server.stop();
    for (const top of this.#folders.splice(0)) {
      for (const name of ['data', 'moved', 'copied']) await rm(await placeOf(join(top, name)), removed);
      await rm(top, removed);
    }
  }
}

/** The first value of the first row. */
export async function ask(url: string, sql: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(sql);
    return Object.values(rows[0] ?? {})[0];
  } finally {
    await client.end();
  }
}
