import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { pause } from '@ringfence/kernel/timers';
import { type Config, urlOf } from './config/config.js';
import type { Needs } from './server-process.js';
import { addressFailure } from './start/port-check.js';

/** Time that requests in progress may take when the server stops. */
const requestsDrainMsMax = 5_000;

/**
 * Listens, and drains requests in progress at the stop.
 * @returns the root of the HTTP interface
 * @throws Failure `port_taken`, `address_unusable`
 */
export async function serve(
  { config, health, timers, undo }: Needs<'config' | 'health' | 'timers' | 'undo'>,
  app: NestFastifyApplication,
): Promise<string> {
  const url = await listen(app, config);
  // A gateway still takes requests for a while, until clients and load balancers have moved on.
  const drainMs = config.roles.has('gateway') ? config.drainMs : 0;
  undo.push(async (planned) => {
    health.beginStop();
    if (planned && drainMs > 0) await pause(timers, drainMs);
    // Requests in progress are answered, but a client that does not read its answer is not waited for.
    const late = setTimeout(() => {
      app.getHttpServer().closeAllConnections();
    }, requestsDrainMsMax);
    await app.close();
    clearTimeout(late);
  });
  return url;
}

async function listen(app: NestFastifyApplication, { host, port }: Config): Promise<string> {
  try {
    await app.listen(port, host);
  } catch (failure) {
    throw addressFailure(host, port, failure as NodeJS.ErrnoException);
  }
  const address = app.getHttpServer().address();
  return urlOf(host, typeof address === 'object' && address !== null ? address.port : port);
}
