import { expect } from '@jest/globals';
import { KeyRegistry } from '@ringfence/auth/key-registry';
import { policyHashOf } from '@ringfence/event-catalog/policy-hash';
import { SecretHasher } from '@ringfence/auth/secret-hasher';
import { bootstrap } from '@ringfence/bootstrap/bootstrap';
import { openOrCreateLog, type OpenedLog } from '@ringfence/lanes/open-log';
import { RequestIdentity } from '@ringfence/commands/request-identity';
import type { CommandPayload } from '@ringfence/commands/command-dispatcher';
import type { LaneExecutor } from '@ringfence/lanes/lane-executor';
import { type RequestBuilders, requestBuilders } from '@ringfence/requests/request-builders';
import { KeyFinder } from '@ringfence/requests/key-finder';
import { CommandKeys } from '@ringfence/command-transport/signed-commands/command-keys';
import { SealedBodies } from '@ringfence/command-transport/signed-commands/sealed-body';
import { SignatureCheck } from '@ringfence/command-transport/signed-commands/signature-check';
import { SignedCommandVerifier } from '@ringfence/command-transport/signed-commands/signed-command-verifier';
import type { Mode } from '@ringfence/domain/shared/values';
import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import { type AccountId, type KeyId, platformStream, type StreamId } from '@ringfence/kernel/ids';
import { invariant } from '@ringfence/kernel/invariant';
import { type Lane, laneOf } from '@ringfence/kernel/lane';
import { epochMs, position } from '@ringfence/kernel/units';
import { readBinary } from '@ringfence/wire/cloud-event';
import type { BusMessage, OutgoingMessage } from '@ringfence/ports/message-bus/message';
import { audienceOf } from '@ringfence/wire/signed-command';
import { agreedZones, exampleCalendar, examplePolicy } from './examples.js';
import { DeciderWorld, laneCount, specKeyRing, topics } from './decider-world.js';
import { HandBus } from './hand-bus.js';
import type { CommandToSign, SigningClient } from './signing-client.js';

/** Name of the instance. Names are random base64url, so they may begin with any of its characters. */
export const instance = '-spec';
export const call = {
  from_number: '+15005550100',
  to_number: '+15005550000',
  status_callback_url: null,
  record: true,
};

const unwritten = { key: '', headers: {}, value: new Uint8Array(0) };

type Reply = {
  readonly status: string;
  readonly code?: string;
  readonly replayed?: boolean;
  readonly refusal?: { readonly code: string };
  readonly result?: Readonly<Record<string, unknown>>;
};

/** A decider that owns every lane, an account that is ready to call, and signing keys. */
export class SignedCommandBench extends DeciderWorld {
  readonly hasher = new SecretHasher(specKeyRing(2));
  readonly registry = new KeyRegistry(this.hasher, () => this.store.head());
  readonly commandKeys = new CommandKeys(specKeyRing(7));
  readonly identity = new RequestIdentity(new Uint8Array(32));
  readonly hands = new HandBus(laneCount);
  readonly #next = new Map<Lane, bigint>();
  #running: LaneExecutor | undefined;
  #audience = '';
  #accountId: AccountId | undefined;

  constructor(private readonly client: SigningClient) {
    super();
  }

  get running(): LaneExecutor {
    invariant(this.#running !== undefined, 'the bench was started');
    return this.#running;
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
    const log = await this.#takeLanes();
    const booted = await bootstrap({ log, store, dispatcher: this.running, vault, hasher, ids, clock });
    invariant(booted.kind === 'ready', 'the log is ours');
    this.#accountId = booted.accountId;
    return this;
  }

  /** Restarts: the process dies, and another takes over all lanes. */
  async restart(): Promise<void> {
    await this.#takeLanes();
  }

  /** Opens the log without a price list: the bootstrap publishes one. */
  protected override openLog(): Promise<OpenedLog> {
    const { store, clock, ids } = this;
    return openOrCreateLog(store, { clock, ids, owner: 'spec' });
  }

  async #takeLanes(): Promise<OpenedLog> {
    const { clock, store, hands, identity } = this;
    const { log, executor } = await this.executor();
    const { logId } = log;
    this.#running = executor;
    this.#audience = audienceOf(logId);
    const verifier = new SignedCommandVerifier({
      logId,
      clock,
      store,
      signatures: new SignatureCheck(this.registry),
      bodies: new SealedBodies(this.commandKeys),
      requests: this.requests,
      identity,
      topics,
      replyPartitions: laneCount,
    });
    await this.consumer(executor, { bus: hands.asBus, accountBus: hands, verifier, instance });
    await hands.joined?.onAssigned(Array.from({ length: laneCount }, (_, lane) => lane));
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
    const { clock, ids } = this;
    const outcome = await this.running.dispatch({
      commandId: ids.commandId(),
      idChosenByClient: false,
      fingerprint: new Uint8Array(0),
      stream,
      principal: { kind: 'operator', name: 'spec' },
      payload,
      result: {},
      deadlineMs: epochMs(clock.now() + 5_000),
      traceparent: null,
    });
    expect(outcome).toMatchObject({ accepted: true });
    await this.catchUp();
  }

  /** Brings the registry up to date with the log. */
  async catchUp(): Promise<void> {
    const recorded = await this.store.readAll(this.registry.nextPosition, 1_000);
    this.registry.apply(recorded.map(decodeRecorded), this.clock.now());
  }

  /** @param lane partition to which a client has published it; null: the right one */
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
    // Its offset is reserved before it is signed, because many are signed at once.
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
    await this.hands.joined?.onMessages(first?.partition ?? 0, messages);
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
    const found = this.hands.published.filter((message) => message.topic === topic);
    this.hands.published.splice(0, Infinity, ...this.hands.published.filter((message) => message.topic !== topic));
    return found;
  }

  async events(type: string) {
    const all = await this.store.readAll(position(0), 1_000);
    return all
      .map(decodeRecorded)
      .flatMap(({ data, ...envelope }) => (data.type === type ? [{ ...envelope, data }] : []));
  }

  isConsumed({ partition, offset }: BusMessage): boolean {
    return this.running.isConsumed({ lane: partition as Lane, offset });
  }
}
