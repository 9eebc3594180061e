import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/**
 * Ports below those that systems assign to outgoing connections: none of these is taken before its server is up, or
 * while that is down for a moment.
 */
const ports = { from: 20_000, below: 32_000 } as const;

/**
 * A port of this machine that nobody listens on, and nobody on the one after it: a broker's controller listens there.
 */
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

/** null: the port is somebody's. */
async function listening(port: number): Promise<Server | null> {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  return once(server, 'listening').then(
    () => server,
    () => null,
  );
}
