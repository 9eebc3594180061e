import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@ringfence/sql-postgres/embedded-postgres';
import { startBroker } from '@ringfence/testing/kafka/broker-chain';
import type { OwnKafka } from '@ringfence/testing/kafka/test-kafka';
import { loadOrCreateSecretFile } from '@ringfence/vault-postgres/secret-file';
import { PlatformProcess } from './platform-process.js';

/** The most characters of each member's log that are shown when another member does not start. */
const logTailMax = 8_000;

type MemberRole = 'decider' | 'projector' | 'carrier' | 'gateway';

/**
 * A cluster whose processes, broker and database are its own: each of them can be killed separately, and stays down
 * until it is started again.
 */
export class ClusterOfMembers {
  readonly #members = new Map<string, PlatformProcess>();

  private constructor(
    readonly dataDir: string,
    readonly broker: OwnKafka,
    readonly database: EmbeddedPostgres,
    /** Environment of every member, with the secrets. */
    readonly env: Readonly<Record<string, string>>,
    private readonly main: string | undefined,
  ) {}

  /**
   * Starts the broker and the database, and the members one after the other.
   * @param roles by member; the deciders come first
   * @param given the data folder of a single-process platform that is stopped: its database and secrets become the
   * cluster's; default: a new one
   * @param main the server that the members run; default: the built one
   * @throws with all output of the member that did not start
   */
  static async start(
    roles: Readonly<Record<string, MemberRole>>,
    settings: Readonly<Record<string, string>> = {},
    given?: string,
    main?: string,
  ): Promise<ClusterOfMembers> {
    const dataDir = given ?? (await mkdtemp(join(tmpdir(), 'ringfence-members-')));
    const [broker, database] = await Promise.all([startBroker(), startEmbeddedPostgres({ dataDir })]);
    const secret = (name: string) => loadOrCreateSecretFile(join(dataDir, name), name);
    const cluster = new ClusterOfMembers(
      dataDir,
      broker,
      database,
      {
        KAFKA_BROKERS: broker.brokers.join(','),
        DATABASE_URL: database.url,
        RINGFENCE_MASTER_KEY: await secret('master-key'),
        RINGFENCE_PEPPER: await secret('pepper'),
        [clusterKeyNameOf(main)]: await secret('vouch-key'),
        RINGFENCE_COMMAND_KEY: await secret('command-key'),
        ...settings,
      },
      main,
    );
    try {
      for (const [name, role] of Object.entries(roles)) await cluster.add(name, role);
    } catch (failure) {
      const logs = [...cluster.#members].map(([name, { stderr }]) => `${name}:\n${stderr.slice(-logTailMax)}`);
      await cluster.discard();
      throw new Error([failure instanceof Error ? failure.message : String(failure), ...logs].join('\n'), {
        cause: failure,
      });
    }
    return cluster;
  }

  /**
   * Starts a member that is not running. Settles when it is ready.
   * @param name the same name has the same data folder again
   */
  async add(name: string, role: MemberRole): Promise<PlatformProcess> {
    const env = { ...this.env, RINGFENCE_ROLES: role };
    const server = this.main === undefined ? {} : { main: this.main };
    const member = await PlatformProcess.start({ dataDir: join(this.dataDir, name), env, ...server });
    this.#members.set(name, member);
    return member;
  }

  /** Starts a member that has ended again, at the same place. Settles when it is ready. */
  async again(name: string): Promise<void> {
    this.#members.set(name, await this.member(name).startAgain());
  }

  member(name: string): PlatformProcess {
    const member = this.#members.get(name);
    if (member === undefined) throw new Error(`the cluster has no ${name}`);
    return member;
  }

  /** Ends the database as a crash does: no client is notified. */
  killDatabase(): void {
    process.kill(this.database.pid, 'SIGQUIT');
  }

  async discard(): Promise<void> {
    await Promise.all([...this.#members.values()].map((member) => member.stop()));
    await this.database.stop();
    await this.broker.discard();
    await rm(this.dataDir, { recursive: true, force: true });
  }
}

/** Names the setting of the cluster key; a server from before `apps/server` knows only its former name. */
function clusterKeyNameOf(main: string | undefined): string {
  return main?.includes('/apps/ringfence/') === true ? 'RINGFENCE_VOUCH_KEY' : 'RINGFENCE_CLUSTER_KEY';
}
