import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

export const connections = 20;
/** Number of requests sent at once on each connection. */
export const pipelined = 30;
const paths = ['/api/v1/audit/events?limit=500', '/api/v1/voice/calls?limit=100'];

/**
 * Requests lists on some connections, reads none of them, and cuts the connections: each list for its share of the
 * time.
 * @param measure called every 100 ms
 * @returns the largest measurement
 */
export async function unreadLists(
  { url, key, seconds }: { readonly url: string; readonly key: string; readonly seconds: number },
  measure: () => Promise<number>,
): Promise<number> {
  let most = 0;
  for (const path of paths) {
    const sockets = await Promise.all(Array.from({ length: connections }, () => opened(url)));
    const request = `GET ${path} HTTP/1.1\r\nhost: bench\r\nx-api-key: ${key}\r\n\r\n`;
    for (const socket of sockets) socket.write(request.repeat(pipelined));
    const untilMs = performance.now() + (seconds * 1_000) / paths.length;
    while (performance.now() < untilMs) {
      most = Math.max(most, await measure());
      await pause(100);
    }
    for (const socket of sockets) socket.destroy();
  }
  return most;
}

async function opened(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname).on('error', () => undefined);
  await once(socket, 'connect');
  return socket.pause();
}
