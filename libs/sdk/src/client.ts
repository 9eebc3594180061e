import { randomBytes, randomUUID } from 'node:crypto';
import type { LogId, StreamId } from '@ringfence/kernel/ids';
import { parseAccountId, parseStreamId } from '@ringfence/kernel/ids';
import { whyNodeUnfit } from '@ringfence/kernel/node-version';
import type { CommandBody, PublicCommandName } from '@ringfence/wire/public-commands';
import { type AccountTopics, accountTopicPartitions, accountTopicsOf } from '@ringfence/wire/topics';
import { KafkaMessageBus } from '@ringfence/messaging-kafka/kafka-message-bus';
import type { Sasl } from '@ringfence/messaging-kafka/sasl';
import { CallReads } from './calls/call-reads.js';
import { checkCommand } from './commands/checked-body.js';
import { CommandSigner, type SigningKey } from './commands/command-signer.js';
import type { CommandTransport } from './commands/command-transport.js';
import { HttpCommands, type HttpConnection } from './commands/http-commands.js';
import { KafkaCommands } from './commands/kafka-commands.js';
import type { CheckpointStore } from './events/checkpoint.js';
import { EventConsumer, type RingfenceEvent } from './events/event-consumer.js';
import type { Outcome, ResultOf } from './outcome.js';
import { fetchPlatformKeys } from './fetched-platform-keys.js';
import { logIdIn, type PlatformKeys } from './platform-keys.js';
import { untilOutcome, retryDefault, type RetryPolicy } from './retry.js';
import { sdkFailures } from './sdk-failures.js';

export type ClientOptions = {
  /** Subject of the commands: an account's id, or `platform` for an operator. */
  readonly account: string;
  /** URI of the service, which distinguishes its commands from those of others. */
  readonly source?: string;
  /**
   * Connection for HTTP. Without `kafka`, commands use it; with `kafka`, it supplies the platform's keys and topics.
   */
  readonly http?: HttpConnection;
  readonly kafka?: KafkaOptions;
  readonly retry?: Partial<RetryPolicy>;
  /** Called for each failure after which the client retries. */
  readonly onRetryableError?: (cause: unknown) => void;
};

export type KafkaOptions = {
  /** Bootstrap brokers, each `host:port`. */
  readonly brokers: readonly string[];
  readonly sasl?: Sasl;
  /** Enables TLS; `ca`: PEM. Default: the machine's trusted CAs. */
  readonly tls?: { readonly ca?: string };
  /** Topics to use. `own`: topics that the operator has granted to the account. Default: `shared`, the operator's. */
  readonly topics?: 'shared' | 'own';
  /** Key that signs commands. Without it the client can only read events. */
  readonly signingKey?: SigningKey;
  /** Published keys of the platform. Default: fetched over `http`. */
  readonly platformKeys?: PlatformKeys;
  /**
   * Longest time that a command may wait to be decided; then it is refused as expired. 1 000 to 604 800 000. Default:
   * 60 000.
   */
  readonly validForMs?: number;
};

export type SendOptions = {
  /**
   * Id of the command. The same id is the same command, permanently: store it with the reason for the command. 1–255
   * printable ASCII characters. Default: a new one.
   */
  readonly id?: string;
  /** The account that an operator's command is about. Default: the client's own. */
  readonly subject?: string;
  /** Transport. Default: `kafka` if it is available. */
  readonly over?: 'kafka' | 'http';
};

export type EventsOptions = {
  readonly checkpoints: CheckpointStore;
  readonly onEvent: (event: RingfenceEvent) => Promise<void> | void;
  readonly begin?: 'first' | 'next';
};

type OnKafka = {
  readonly bus: KafkaMessageBus;
  readonly topics: AccountTopics;
  readonly watermarks: string | null;
  readonly partitions: number;
  readonly logId: LogId;
  /** null: there is no signing key */
  readonly commands: KafkaCommands | null;
};

const validForDefaultMs = 60_000;
const validForMsMax = 604_800_000;

/** A client of the platform. */
export class RingfenceClient {
  readonly #closing = new AbortController();
  readonly #consumers = new Set<EventConsumer>();

  private constructor(
    private readonly account: StreamId,
    private readonly retry: RetryPolicy,
    private readonly onRetryableError: (cause: unknown) => void,
    private readonly http: HttpCommands | null,
    private readonly kafka: OnKafka | null,
    private readonly connection: HttpConnection | null,
  ) {}

  /**
   * @throws Failure `options_wrong`, `node_unfit`, `node_without_zstd`, `platform_unreachable` and `bus_unavailable`
   * (retryable), `platform_keys_unreadable`
   */
  static async open(options: ClientOptions): Promise<RingfenceClient> {
    const account = parseStreamId(options.account);
    if (account === undefined) throw sdkFailures.options_wrong('account must be the id of an account, or `platform`');
    if (options.http === undefined && options.kafka === undefined)
      throw sdkFailures.options_wrong('http or kafka must be given, or both');
    const onRetryableError = options.onRetryableError ?? (() => undefined);
    const kafka =
      options.kafka === undefined ? null : await openKafka(options, options.kafka, account, onRetryableError);
    const http = options.http === undefined ? null : new HttpCommands(options.http);
    return new RingfenceClient(
      account,
      { ...retryDefault, ...options.retry },
      onRetryableError,
      http,
      kafka,
      options.http ?? null,
    );
  }

  /**
   * Sends a command and returns its outcome. While the outcome is unknown it retries, always with the same id; after
   * the policy's last attempt the outcome is `unknown`: call again later with the same id.
   * @throws Failure `command_field_invalid`: nothing was sent; `client_closed`, `options_wrong`
   */
  async send<Name extends PublicCommandName>(
    name: Name,
    body: CommandBody<Name>,
    { id = randomUUID(), subject = this.account, over }: SendOptions = {},
  ): Promise<Outcome<ResultOf<Name>>> {
    if (this.#closing.signal.aborted) throw sdkFailures.client_closed();
    checkCommand(name, body, id);
    if (parseStreamId(subject) === undefined)
      throw sdkFailures.command_field_invalid('subject', 'is the id of an account, or `platform`');
    const way = this.#way(over);
    const { signal } = this.#closing;
    return untilOutcome(id, this.retry, signal, () =>
      way.attempt({ name, body, id, subject }, this.retry.attemptTimeoutMs),
    );
  }

  /** Reads calls over HTTP. @throws Failure `options_wrong` without `http`, `client_closed` */
  get calls(): CallReads {
    if (this.#closing.signal.aborted) throw sdkFailures.client_closed();
    if (this.connection === null) throw sdkFailures.options_wrong('calls are read over HTTP: http must be given');
    return new CallReads(this.connection, this.#closing.signal);
  }

  /**
   * Consumes events from the checkpoints on.
   * @throws Failure like `EventConsumer.start`; `options_wrong` without `kafka`
   */
  async consume({ checkpoints, onEvent, begin = 'first' }: EventsOptions): Promise<EventConsumer> {
    if (this.#closing.signal.aborted) throw sdkFailures.client_closed();
    if (this.kafka === null) throw sdkFailures.options_wrong('events come over Kafka: kafka must be given');
    const { bus, topics, watermarks, partitions, logId } = this.kafka;
    const consumer = await EventConsumer.start({
      bus,
      topic: topics.events,
      watermarks,
      partitions,
      logId,
      checkpoints,
      begin,
      onEvent: async (event) => {
        await onEvent(event);
      },
      onRetryableError: this.onRetryableError,
    });
    this.#consumers.add(consumer);
    return consumer;
  }

  /**
   * Stops consumers once the events in progress have been handled. Commands that are still waiting end as `unknown`.
   */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all([...this.#consumers].map((consumer) => consumer.stop()));
    await Promise.all([this.http?.close(), this.kafka?.commands?.close()]);
    await this.kafka?.bus.close();
  }

  #way(over: SendOptions['over']): CommandTransport {
    const commands = this.kafka?.commands ?? null;
    const way = over === 'http' ? this.http : over === 'kafka' ? commands : (commands ?? this.http);
    if (way !== null) return way;
    throw sdkFailures.options_wrong(
      over === 'http' ? 'http must be given' : 'commands over Kafka are signed: kafka.signingKey must be given',
    );
  }
}

async function openKafka(
  { http, source = 'urn:ringfence:sdk' }: ClientOptions,
  options: KafkaOptions,
  account: StreamId,
  onRetryableError: (cause: unknown) => void,
): Promise<OnKafka> {
  const unfit = whyNodeUnfit(process.versions.node);
  if (unfit !== undefined) throw sdkFailures.node_unfit(unfit);
  const { brokers, sasl, tls, signingKey } = options;
  const platform = options.platformKeys ?? (http === undefined ? undefined : await fetchPlatformKeys(http));
  if (platform === undefined)
    throw sdkFailures.options_wrong('kafka.platformKeys must be given, or http to ask for them');
  const logId = logIdIn(platform.audience);
  if (logId === undefined) throw sdkFailures.options_wrong('kafka.platformKeys.audience names no log');
  const { topics, watermarks, partitions } = placesOf(platform, options, account);
  // An account's rights to groups and client ids are granted by this prefix.
  const clientId = `${account}.sdk.${randomBytes(6).toString('hex')}`;
  const bus = new KafkaMessageBus({
    brokers,
    clientId,
    ...(sasl === undefined ? {} : { sasl }),
    ...(tls === undefined ? {} : { tls }),
  });
  try {
    const commands =
      signingKey === undefined
        ? null
        : await KafkaCommands.open({
            bus,
            topics,
            partitions,
            logId,
            onRetryableError,
            signer: await signerOf(signingKey, platform, source, options),
          });
    return { bus, topics, watermarks, partitions, logId, commands };
  } catch (failure) {
    await bus.close();
    throw failure;
  }
}

function placesOf(
  { topics, partitions }: PlatformKeys,
  { topics: whose = 'shared' }: KafkaOptions,
  account: StreamId,
): { readonly topics: AccountTopics; readonly watermarks: string | null; readonly partitions: number } {
  if (whose === 'shared') return { topics, watermarks: topics.watermarks, partitions };
  const id = parseAccountId(account);
  if (id === undefined)
    throw sdkFailures.options_wrong('kafka.topics: `own` are an account’s, and the platform is none');
  return { topics: accountTopicsOf(topics, id), watermarks: null, partitions: accountTopicPartitions };
}

async function signerOf(
  signingKey: SigningKey,
  { audience, encryption }: PlatformKeys,
  source: string,
  { validForMs = validForDefaultMs }: KafkaOptions,
): Promise<CommandSigner> {
  const [key] = encryption.keys;
  if (key === undefined) throw sdkFailures.options_wrong('kafka.platformKeys.encryption has no key');
  if (!(Number.isInteger(validForMs) && validForMs >= 1_000 && validForMs <= validForMsMax))
    throw sdkFailures.options_wrong(`kafka.validForMs must be 1000 to ${String(validForMsMax)}`);
  return CommandSigner.make(signingKey, { audience, source, validForMs, encryption: key });
}
