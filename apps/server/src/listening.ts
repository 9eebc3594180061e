import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { pause } from '@ringfence/kernel/timers';
import { type Config, urlOf } from './config/config.js';
import type { Needs } from './server-process.js';
import { addressFailure } from './start/port-check.js';

/** At a stop: how long requests that are under way may take. */
const requestsDrainMsMax = 5_000;

/** Listens, and at the stop drains what is under way. @returns the root of the HTTP interface. @throws Failure `port_taken`, `address_unusable` */
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
    // Requests under way are answered; who does not read its answer is not waited for.
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
