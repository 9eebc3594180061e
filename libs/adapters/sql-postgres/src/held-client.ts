import type { Pool, PoolClient } from 'pg';

/**
 * Runs work on one connection, exclusively. Afterwards the pool gets the connection back, or closes it if the work has
 * failed or the connection broke between two statements: its state is then unknown.
 */
export async function withClient<Result>(pool: Pool, work: (client: PoolClient) => Promise<Result>): Promise<Result> {
  const client = await pool.connect();
  let broken = true;
  // An error event reaches every waiting caller; without a listener it would end the process.
  const onError = (): void => undefined;
  client.on('error', onError);
  try {
    const result = await work(client);
    broken = false;
    return result;
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}
