import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/**
 * Ports below those that systems assign to outgoing connections, so that none is taken before its server is up, or
 * while the server is briefly down.
 */
const ports = { from: 20_000, below: 32_000 } as const;

/** Finds a free port of this machine whose successor is free too: a broker's controller listens there. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(ports.from, ports.below);
    const servers = await Promise.all([port, port + 1].map(listening));
    for (const server of servers) {
      if (server === null) continue;
      server.close();
      await once(server, 'close');
    }
    if (servers.every((server) => server !== null)) return port;
  }
}

/** Listens on a port; null: it is taken. */
async function listening(port: number): Promise<Server | null> {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  return once(server, 'listening').then(
    () => server,
    () => null,
  );
}
