import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { serverFlags } from '@ringfence/e2e/platform-process';
import type { PumpTopics } from './pump.js';

export type EchoSettings = {
  readonly brokers: readonly string[];
  /** A database of its own, with the log's tables. */
  readonly databaseUrl: string;
  readonly topics: PumpTopics;
  /** The `x` of the JWK that verifies every command. */
  readonly publicKey: string;
  /** Size of one event in the platform's form. */
  readonly eventBytes: number;
};

/** Starts the echo in a process of its own, like the platform. */
export async function startEcho(settings: EchoSettings): Promise<{ readonly pid: number; stop(): Promise<void> }> {
  const main = fileURLToPath(new URL('./echo-server.js', import.meta.url));
  const child = spawn(process.execPath, [...serverFlags, main, JSON.stringify(settings)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  const firstLine = await Promise.race([once(createInterface(child.stdout), 'line'), ended.then(() => [])]);
  if (firstLine[0] !== 'ready') throw new Error('the echo did not start');
  return {
    pid: child.pid ?? Number.NaN,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
