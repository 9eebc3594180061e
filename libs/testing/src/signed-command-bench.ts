import { expect } from '@jest/globals';
import { KeyRegistry } from '@ringfence/auth/key-registry';
import { KeyRing } from '@ringfence/runtime/key-ring';
import { policyHashOf } from '@ringfence/event-catalog/policy-hash';
import { SecretHasher } from '@ringfence/auth/secret-hasher';
import { bootstrap } from '@ringfence/bootstrap/bootstrap';
import { openLog } from '@ringfence/lanes/open-log';
import { CommandConsumer } from '@ringfence/command-transport/command-topic/command-consumer';
import { ClusterMac } from '@ringfence/command-transport/command-topic/cluster-mac';
import { RequestIdentity } from '@ringfence/commands/request-identity';
import type { SubmittedCommand, CommandPayload } from '@ringfence/commands/command-dispatcher';
import { LaneExecutor } from '@ringfence/lanes/lane-executor';
import { systemTimers } from '@ringfence/runtime/system-timers';
import { InMemorySubjectVault } from '@ringfence/vault-memory/memory-subject-vault';
import { type RequestBuilders, requestBuilders } from '@ringfence/requests/request-builders';
import { KeyFinder } from '@ringfence/requests/key-finder';
import { CommandKeys } from '@ringfence/command-transport/signed-commands/command-keys';
import { SealedBodies } from '@ringfence/command-transport/signed-commands/sealed-body';
import { SignatureCheck } from '@ringfence/command-transport/signed-commands/signature-check';
import { SignedCommandVerifier } from '@ringfence/command-transport/signed-commands/signed-command-verifier';
import type { Mode } from '@ringfence/domain/shared/values';
import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import { MemoryEventStore, MemoryLog } from '@ringfence/event-store-memory/memory-event-store';
import { type AccountId, type KeyId, platformStream, type StreamId } from '@ringfence/kernel/ids';
import { invariant } from '@ringfence/kernel/invariant';
import { type Lane, laneOf } from '@ringfence/kernel/lane';
import { epochMs, position } from '@ringfence/kernel/units';
import { readBinary } from '@ringfence/wire/cloud-event';
import type { BusMessage, OutgoingMessage, UncommittedItem } from '@ringfence/ports/message-bus/message';
import type { Joining, MessageBus } from '@ringfence/ports/message-bus/message-bus';
import { audienceOf } from '@ringfence/wire/signed-command';
import { topicsOf } from '@ringfence/wire/topics';
import { agreedZones, exampleCalendar, examplePolicy, exampleRoutes } from './examples.js';
import { FakeClock } from './fake-clock.js';
import { PredictableIds } from './predictable-ids.js';
import type { CommandToSign, SigningClient } from './signing-client.js';

export const laneCount = 64;
/** Names are random base64url: they begin with any of its letters. */
export const instance = '-spec';
export const topics = topicsOf('spec');
const ring = (fill: number) => KeyRing.parse(`one:${Buffer.alloc(32, fill).toString('base64')}`, 'spec');
/** MAC of the bench's own cluster. */
export const voucher = new ClusterMac(ring(1));
export const call = {
  from_number: '+15005550100',
  to_number: '+15005550000',
  flow_url: 'https://example.com/flow',
  status_callback_url: null,
  record: true,
};

/** The bus of one decider; the test plays its group. */
class HandBus implements Pick<MessageBus, 'joinUncommitted' | 'publish' | 'uncommittedRanges'> {
  joined: Joining<UncommittedItem> | undefined;
  readonly published: OutgoingMessage[] = [];

  joinUncommitted(joining: Joining<UncommittedItem>) {
    this.joined = joining;
    return Promise.resolve({ leave: () => Promise.resolve() });
  }

  uncommittedRanges() {
    return Promise.resolve(Array.from({ length: laneCount }, () => ({ first: 0n, next: 1_000_000n })));
  }

  publish(messages: readonly OutgoingMessage[]): Promise<void> {
    this.published.push(...messages);
    return Promise.resolve();
  }
}

const unwritten = { key: '', headers: {}, value: new Uint8Array(0) };

type Reply = {
  readonly status: string;
  readonly code?: string;
  readonly replayed?: boolean;
  readonly refusal?: { readonly code: string };
  readonly result?: Readonly<Record<string, unknown>>;
};

/** A decider that owns every lane, an account that is ready to call, and signing keys. */
export class SignedCommandBench {
  readonly clock = new FakeClock();
  readonly ids = new PredictableIds();
  readonly log = new MemoryLog();
  readonly store = new MemoryEventStore(this.log, this.clock);
  readonly vault = new InMemorySubjectVault(this.ids);
  readonly hasher = new SecretHasher(ring(2));
  readonly registry = new KeyRegistry(this.hasher, () => this.store.head());
  readonly commandKeys = new CommandKeys(ring(7));
  readonly identity = new RequestIdentity(new Uint8Array(32));
  readonly bus = new HandBus();
  readonly told: unknown[] = [];
  readonly #next = new Map<Lane, bigint>();
  #executor: LaneExecutor | undefined;
  #audience = '';
  #accountId: AccountId | undefined;

  constructor(private readonly client: SigningClient) {}

  get executor(): LaneExecutor {
    invariant(this.#executor !== undefined, 'the bench was started');
    return this.#executor;
  }

  get accountId(): AccountId {
    invariant(this.#accountId !== undefined, 'the bench was started');
    return this.#accountId;
  }

  get requests(): RequestBuilders {
    const { vault, ids, hasher, identity, registry, store } = this;
    return requestBuilders({
      vault,
      ids,
      hasher,
      identity,
      keys: new KeyFinder(registry, store),
      calendar: exampleCalendar,
      zones: agreedZones,
    });
  }

  /** Starts with an account that is ready to call. */
  async start(): Promise<this> {
    const { clock, ids, store, vault, hasher } = this;
    const log = await this.#decider();
    const booted = await bootstrap({ log, store, dispatcher: this.executor, vault, hasher, ids, clock });
    invariant(booted.kind === 'ready', 'the log is ours');
    this.#accountId = booted.accountId;
    return this;
  }

  /** The process dies and another takes all lanes over. */
  async restart(): Promise<void> {
    await this.#decider();
  }

  async #decider() {
    const { clock, ids, store, vault, bus, told, registry, commandKeys, identity } = this;
    const log = await openLog(store, { clock, ids, owner: 'spec' });
    const tell = (what: unknown) => told.push(what);
    const host = {
      lanesLost: tell,
      parked: (_command: unknown, cause: unknown) => tell(cause),
      quarantined: (_stream: unknown, cause: unknown) => tell(cause),
      outdated: (_stream: unknown, cause: unknown) => tell(cause),
      broken: tell,
    };
    const executor = await LaneExecutor.start({
      store,
      clock,
      ids,
      host,
      log,
      routes: exampleRoutes,
      timers: systemTimers,
      owner: 'spec',
      lanes: 'none',
    });
    this.#executor = executor;
    this.#audience = audienceOf(log.logId);
    const signatures = new SignatureCheck(registry);
    const bodies = new SealedBodies(commandKeys);
    const { logId } = log;
    const door = new SignedCommandVerifier({
      logId,
      clock,
      store,
      signatures,
      bodies,
      requests: this.requests,
      identity,
      topics,
      replyPartitions: laneCount,
    });
    await CommandConsumer.start({
      bus: bus as unknown as MessageBus,
      accountBus: bus,
      topics,
      laneCount,
      executor,
      store,
      vault,
      voucher,
      clock,
      ids,
      door,
      instance,
      onRetryableError: tell,
      onTopicRecreated: tell,
    });
    await bus.joined?.onAssigned(Array.from({ length: laneCount }, (_, lane) => lane));
    return log;
  }

  async signingKey(
    home: AccountId | null = this.accountId,
    scopes = examplePolicy.scopes,
    mode: Mode = 'test',
  ): Promise<KeyId> {
    const keyId = this.ids.keyId();
    const policy = { ...examplePolicy, scopes };
    const stream: StreamId = home ?? platformStream;
    await this.dispatch(stream, {
      type: 'RegisterSigningKey',
      accountId: home,
      keyId,
      mode,
      label: await this.vault.seal(stream, 'orders'),
      publicKey: this.client.publicKey,
      policy,
      policyHash: policyHashOf(policy),
    });
    return keyId;
  }

  async dispatch(stream: StreamId, payload: CommandPayload): Promise<void> {
    const outcome = await this.executor.dispatch(this.#command(stream, payload));
    expect(outcome).toMatchObject({ accepted: true });
    await this.catchUp();
  }

  #command(stream: StreamId, payload: CommandPayload): SubmittedCommand {
    return {
      commandId: this.ids.commandId(),
      idChosenByClient: false,
      fingerprint: new Uint8Array(0),
      stream,
      by: { kind: 'operator', name: 'spec' },
      payload,
      result: {},
      deadlineMs: epochMs(this.clock.now() + 5_000),
      traceparent: null,
    };
  }

  /** The registry sees all of the log. */
  async catchUp(): Promise<void> {
    const recorded = await this.store.readAll(this.registry.nextPosition, 1_000);
    this.registry.apply(recorded.map(decodeRecorded), this.clock.now());
  }

  /** @param lane where a client has put it; null: where it belongs */
  async message(keyId: KeyId, change: Partial<CommandToSign> = {}, lane: Lane | null = null): Promise<BusMessage> {
    const [jwk] = this.commandKeys.jwks;
    invariant(jwk !== undefined, 'a ring has a key');
    const nowS = Math.floor(this.clock.now() / 1_000);
    const subject = change.subject ?? this.accountId;
    const command: CommandToSign = {
      name: 'place_call',
      id: 'order-17',
      subject,
      body: call,
      replyTo: '3.waiting',
      issuedAtS: nowS,
      expiresAtS: nowS + 60,
      ...change,
    };
    // Its place is taken before it is signed: many are signed at once.
    const place = this.at(lane ?? laneOf(subject as StreamId, laneCount), unwritten);
    return { ...place, key: subject, ...(await this.client.message(keyId, this.#audience, jwk, command)) };
  }

  at(lane: Lane, message: Pick<BusMessage, 'key' | 'headers' | 'value'>): BusMessage {
    const offset = this.#next.get(lane) ?? 0n;
    this.#next.set(lane, offset + 1n);
    return { ...message, topic: topics.commands, partition: lane, offset };
  }

  async hand(...messages: readonly BusMessage[]): Promise<void> {
    const [first] = messages;
    await this.bus.joined?.onMessages(first?.partition ?? 0, messages);
    await this.catchUp();
  }

  /** Returns the replies since the last call. */
  replies(): readonly Reply[] {
    const replies = this.published(topics.replies);
    return replies.map(({ headers, value }) => {
      const event = readBinary(headers, value);
      invariant(!('fault' in event) && event.type === 'ringfence.command.outcome.v1', 'a reply is an event');
      return JSON.parse(Buffer.from(value).toString()) as Reply;
    });
  }

  published(topic: string): readonly OutgoingMessage[] {
    const found = this.bus.published.filter((message) => message.topic === topic);
    this.bus.published.splice(0, Infinity, ...this.bus.published.filter((message) => message.topic !== topic));
    return found;
  }

  async events(type: string) {
    const all = await this.store.readAll(position(0), 1_000);
    return all
      .map(decodeRecorded)
      .flatMap(({ data, ...envelope }) => (data.type === type ? [{ ...envelope, data }] : []));
  }

  isConsumed({ partition, offset }: BusMessage): boolean {
    return this.executor.isConsumed({ lane: partition as Lane, offset });
  }
}
