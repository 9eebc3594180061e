import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from '@jest/globals';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@ringfence/sql-postgres/embedded-postgres';
import { sharedTopics } from '@ringfence/testing/kafka/shared-broker';
import { buildNextRelease, type ChangedEvent, type NextRelease } from './next-release.js';
import { PlatformProcess } from './platform-process.js';

const tries = 450;
const retryAfterMs = 200;

/** A cluster in which processes of this release and of the next one run side by side. */
export class TwoReleases {
  readonly #running = new Map<string, PlatformProcess>();

  private constructor(
    readonly dataDir: string,
    private readonly database: EmbeddedPostgres,
    private readonly next: NextRelease,
    private readonly env: Readonly<Record<string, string>>,
  ) {}

  /** @param changed the event that the next release writes in a new version */
  static async prepare(changed: ChangedEvent, settings: Readonly<Record<string, string>> = {}): Promise<TwoReleases> {
    const dataDir = await mkdtemp(join(tmpdir(), 'ringfence-e2e-'));
    const { brokers, topicPrefix } = await sharedTopics(basename(dataDir));
    const [database, next] = await Promise.all([startEmbeddedPostgres({ dataDir }), buildNextRelease(changed)]);
    const secret = (id: string) => `${id}:${Buffer.alloc(32, id).toString('base64')}`;
    return new TwoReleases(dataDir, database, next, {
      DATABASE_URL: database.url,
      KAFKA_BROKERS: brokers.join(','),
      RINGFENCE_TOPIC_PREFIX: topicPrefix,
      RINGFENCE_MASTER_KEY: secret('master'),
      RINGFENCE_PEPPER: secret('pepper'),
      RINGFENCE_CLUSTER_KEY: secret('vouch'),
      ...settings,
    });
  }

  /** @param name of its data folder; the same name is the same place, for either release */
  async start(name: string, role: string, release: 'this' | 'next'): Promise<PlatformProcess> {
    await this.#running.get(name)?.stop();
    const options = { dataDir: join(this.dataDir, name), env: { ...this.env, RINGFENCE_ROLES: role } };
    const started = await PlatformProcess.start(release === 'this' ? options : { ...options, main: this.next.main });
    this.#running.set(name, started);
    return started;
  }

  async stop(name: string): Promise<void> {
    await this.#running.get(name)?.stop();
  }

  async discard(): Promise<void> {
    for (const process of this.#running.values()) await process.stop();
    await this.database.stop();
    await this.next.discard();
    await rm(this.dataDir, { recursive: true, force: true });
  }
}

/** Checks repeatedly, and fails with what it saw last. */
export async function pollUntil<Value>(
  look: () => Promise<Value> | Value,
  holds: (value: Value) => boolean,
  triesMax = tries,
): Promise<Value> {
  let value = await look();
  for (let attempt = 1; attempt < triesMax && !holds(value); attempt += 1) {
    await sleep(retryAfterMs);
    value = await look();
  }
  expect(holds(value) ? 'it came' : value).toBe('it came');
  return value;
}

export async function health(of: PlatformProcess): Promise<{ readonly status: number; readonly text: string }> {
  const answer = await fetch(`${of.url}/health/ready`);
  return { status: answer.status, text: await answer.text() };
}
