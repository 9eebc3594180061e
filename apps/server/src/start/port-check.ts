import { createServer } from 'node:net';
import { startFailures } from './start-failures.js';

/**
 * Tries to bind the address before anything is started, so that a start on a taken port changes nothing.
 * @throws Failure `port_taken`, `address_unusable`
 */
export async function checkAddress(host: string, port: number): Promise<void> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once('error', (failure: NodeJS.ErrnoException) => {
      reject(addressFailure(host, port, failure));
    });
    probe.listen(port, host, resolve);
  });
  await new Promise((closed) => probe.close(closed));
}

export function addressFailure(host: string, port: number, failure: NodeJS.ErrnoException): Error {
  return failure.code === 'EADDRINUSE'
    ? startFailures.port_taken(host, port)
    : startFailures.address_unusable(host, port, failure.code ?? failure.message);
}
