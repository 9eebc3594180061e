import { randomBytes, randomInt } from 'node:crypto';
import { isRecord } from '@ringfence/event-catalog/shape-codec';
import { Failure } from '@ringfence/kernel/failure';
import type { LogId, StreamId } from '@ringfence/kernel/ids';
import { laneOf } from '@ringfence/kernel/lane';
import { readBinary } from '@ringfence/wire/cloud-event';
import type { BusMessage } from '@ringfence/ports/message-bus/message';
import type { Membership, MessageBus } from '@ringfence/ports/message-bus/message-bus';
import type { PublicCommandName } from '@ringfence/wire/public-commands';
import type { AccountTopics } from '@ringfence/wire/topics';
import type { ResultOf } from '../outcome.js';
import type { Attempt } from '../retry.js';
import { resultOf } from './command-results.js';
import type { CommandSigner } from './command-signer.js';
import type { OutgoingCommand, CommandTransport } from './command-transport.js';
import { ReplySecrets } from './reply-secrets.js';

type KafkaCommandsParts = {
  readonly bus: Pick<MessageBus, 'publish' | 'follow'>;
  readonly topics: AccountTopics;
  /** Number of partitions of each of these topics. */
  readonly partitions: number;
  readonly logId: LogId;
  readonly signer: CommandSigner;
  readonly onRetryableError: (cause: unknown) => void;
};

/** The most commands that wait for a reply. */
const waitingMax = 16_384;
/** Refusals that mean that nothing was decided. */
const undecidedCodes: ReadonlySet<string> = new Set(['deadline_passed', 'overloaded']);

type OnReply = (body: Readonly<Record<string, unknown>>) => void;

/** Commands as signed records of a topic; each attempt waits for its own reply. */
export class KafkaCommands implements CommandTransport {
  readonly #waiting = new Map<string, OnReply>();
  readonly #instance = randomBytes(9).toString('base64url');
  #sequence = 0;
  #listening: Membership | undefined;

  private constructor(
    private readonly parts: KafkaCommandsParts,
    private readonly secrets: ReplySecrets,
    /** Partition of the replies; others may read it too. */
    private readonly partition: number,
  ) {}

  /** @throws Failure `bus_unavailable` (retryable) */
  static async open(parts: KafkaCommandsParts): Promise<KafkaCommands> {
    const partition = randomInt(parts.partitions);
    const commands = new KafkaCommands(parts, await ReplySecrets.make(), partition);
    commands.#listening = await parts.bus.follow({
      topic: parts.topics.replies,
      from: new Map([[partition, 'next']]),
      onMessages: (_partition, batch) => {
        for (const message of batch) commands.#onReply(message);
        return Promise.resolve();
      },
      onRetryableError: parts.onRetryableError,
    });
    return commands;
  }

  async attempt<Name extends PublicCommandName>(
    command: OutgoingCommand<Name>,
    timeoutMs: number,
  ): Promise<Attempt<ResultOf<Name>>> {
    if (this.#waiting.size >= waitingMax)
      return { code: 'overloaded', detail: 'too many commands wait for their replies here', retryAfterMs: null };
    this.#sequence += 1;
    const correlation = `${this.#instance}-${this.#sequence.toString(36)}`;
    const reply = this.#replyTo(correlation, timeoutMs);
    try {
      await this.#publish(command, correlation, timeoutMs);
    } catch (failure) {
      this.#waiting.delete(correlation);
      if (failure instanceof Failure)
        return {
          code: failure.code,
          detail: `${failure.message} Whether it arrived is not known.`,
          retryAfterMs: null,
        };
      throw failure;
    }
    const body = await reply;
    if (body !== undefined) return this.#read(command, body);
    return {
      code: 'reply_timeout',
      detail: 'no reply came in time: it is not known what became of it',
      retryAfterMs: null,
    };
  }

  async close(): Promise<void> {
    await this.#listening?.leave();
    this.#waiting.clear();
  }

  async #publish<Name extends PublicCommandName>(
    command: OutgoingCommand<Name>,
    correlation: string,
    timeoutMs: number,
  ) {
    const { bus, topics, partitions, signer } = this.parts;
    const replyTo = `${String(this.partition)}.${correlation}`;
    const { headers, value } = await signer.record(command, replyTo, this.secrets.publicKey);
    const { subject: key } = command;
    // A record's subject is its account, whose id determines the lane.
    const partition = laneOf(key as StreamId, partitions);
    const published = bus.publish([{ topic: topics.commands, key, partition, headers, value }]);
    // Waits for an unavailable broker no longer than for the reply; the record may still arrive.
    await Promise.race([published, waited(timeoutMs)]);
    published.catch(this.parts.onRetryableError);
  }

  #replyTo(correlation: string, timeoutMs: number): Promise<Readonly<Record<string, unknown>> | undefined> {
    return new Promise((resolve) => {
      const late = setTimeout(() => {
        this.#waiting.delete(correlation);
        resolve(undefined);
      }, timeoutMs);
      this.#waiting.set(correlation, (body) => {
        this.#waiting.delete(correlation);
        clearTimeout(late);
        resolve(body);
      });
    });
  }

  #onReply({ headers, value }: BusMessage): void {
    const event = readBinary(headers, value);
    // Ignores replies to others who share the partition.
    const onReply = 'fault' in event ? undefined : this.#waiting.get(event.id);
    if (onReply === undefined) return;
    try {
      const body: unknown = JSON.parse(Buffer.from(value).toString());
      if (isRecord(body)) onReply(body);
    } catch (failure) {
      this.parts.onRetryableError(failure);
    }
  }

  async #read<Name extends PublicCommandName>(
    { name, id }: OutgoingCommand<Name>,
    body: Readonly<Record<string, unknown>>,
  ): Promise<Attempt<ResultOf<Name>>> {
    const { status, position: at, replayed, result, refusal } = body;
    if (status === 'accepted' && isRecord(result)) {
      const jwe = result['secret_jwe'];
      const secret = typeof jwe === 'string' ? await this.secrets.open(jwe) : null;
      const position = `${this.parts.logId}:${String(at)}`;
      const plain = resultOf(name, { ids: result, secret });
      return { outcome: { status, id, position, replayed: replayed === true, result: plain } };
    }
    const no = reasonIn(status === 'refused' && isRecord(refusal) ? refusal : body);
    const { code, detail, retryAfterMs, retryable } = no;
    if (retryable || undecidedCodes.has(code)) return { code, detail, retryAfterMs };
    return { outcome: { status: 'refused', id, code, detail, retryAfterMs } };
  }
}

function reasonIn({ code, detail, message, retryable, retryAfterMs }: Readonly<Record<string, unknown>>) {
  const words = detail ?? message;
  return {
    code: typeof code === 'string' ? code : 'reply_unreadable',
    detail: typeof words === 'string' ? words : 'the reply cannot be read',
    // An unreadable reply leaves the outcome unknown.
    retryable: retryable === true || typeof code !== 'string',
    retryAfterMs: typeof retryAfterMs === 'number' ? retryAfterMs : null,
  };
}

function waited(timeoutMs: number): Promise<void> {
  return new Promise((_, reject) => {
    setTimeout(() => {
      reject(new Failure('bus_unavailable', 'The message bus did not take the command in time.', true));
    }, timeoutMs).unref();
  });
}
