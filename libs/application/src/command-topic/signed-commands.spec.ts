import { beforeAll, describe, expect, it } from '@jest/globals';
import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import { MemoryEventStore, MemoryLog } from '@ringfence/event-store-memory/memory-event-store';
import { Failure } from '@ringfence/kernel/failure';
import { type AccountId, type KeyId, platformStream, type StreamId } from '@ringfence/kernel/ids';
import { invariant } from '@ringfence/kernel/invariant';
import { type Lane, laneOf } from '@ringfence/kernel/lane';
import { epochMs, position } from '@ringfence/kernel/units';
import { readBinary } from '@ringfence/messaging/cloud-event';
import type { BusMessage, OutgoingMessage } from '@ringfence/messaging/message';
import type { Joining, MessageBus } from '@ringfence/messaging/message-bus';
import { audienceOf, type ReplyKey } from '@ringfence/messaging/signed-command';
import { commandsKeptMs, topicsOf } from '@ringfence/messaging/topics';
import { examplePolicy, exampleRoutes } from '@ringfence/testing/examples';
import { FakeClock } from '@ringfence/testing/fake-clock';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import { SigningClient, type SignedWish } from '@ringfence/testing/signing-client';
import { compactDecrypt, type CryptoKey, exportJWK, generateKeyPair } from 'jose';
import { KeyRegistry } from '../auth/key-registry.js';
import { KeyRing } from '../auth/key-ring.js';
import { parseSecret } from '../auth/key-secret.js';
import { policyHashOf } from '../auth/policy-hash.js';
import { SecretHasher } from '../auth/secret-hasher.js';
import { bootstrap } from '../bootstrap/bootstrap.js';
import { openLog } from '../bootstrap/open-log.js';
import { parseClientKey, RequestIdentity } from '../idempotency/request-identity.js';
import type { SubmittedCommand, Wish } from '../lane/command-dispatcher.js';
import { LaneExecutor } from '../lane/lane-executor.js';
import { systemTimers } from '../lane/system-timers.js';
import { InMemorySubjectVault } from '../personal-data/in-memory-subject-vault.js';
import { type CommandDrafts, commandDrafts } from '../public-commands/command-drafts.js';
import { KeyFinder } from '../public-commands/key-finder.js';
import { CommandKeys } from '../signed-commands/command-keys.js';
import { SealedBodies } from '../signed-commands/sealed-body.js';
import { SignatureCheck } from '../signed-commands/signature-check.js';
import { SignedCommandDoor } from '../signed-commands/signed-command-door.js';
import { commandEvent } from './carried-command.js';
import { CommandConsumer } from './command-consumer.js';
import { readDeadLetter } from './dead-letter.js';
import { vouchedHeaders } from './vouched-event.js';
import { Voucher } from './voucher.js';

const laneCount = 64;
const topics = topicsOf('spec');
/** Names are random base64url: they begin with any of its letters. */
const instance = '-spec';
const ring = (fill: number) => KeyRing.parse(`one:${Buffer.alloc(32, fill).toString('base64')}`, 'spec');
const voucher = new Voucher(ring(1));
const call = {
  from_number: '+15005550100',
  to_number: '+15005550000',
  flow_url: 'https://example.com/flow',
  status_callback_url: null,
  record: true,
};

let client: SigningClient;
let reader: { readonly privateKey: CryptoKey; readonly replyKey: ReplyKey };
beforeAll(async () => {
  client = await SigningClient.create();
  const { privateKey, publicKey } = await generateKeyPair('ECDH-ES', { crv: 'X25519', extractable: true });
  const { x = '' } = await exportJWK(publicKey);
  reader = { privateKey, replyKey: { kty: 'OKP', crv: 'X25519', x } };
});

/** The bus of one decider; the test plays its group. */
class HandBus implements Pick<MessageBus, 'join' | 'publish'> {
  joined: Joining | undefined;
  readonly published: OutgoingMessage[] = [];

  join(joining: Joining) {
    this.joined = joining;
    return Promise.resolve({ leave: () => Promise.resolve() });
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
class Bench {
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

  get executor(): LaneExecutor {
    invariant(this.#executor !== undefined, 'the bench was started');
    return this.#executor;
  }

  get accountId(): AccountId {
    invariant(this.#accountId !== undefined, 'the bench was started');
    return this.#accountId;
  }

  get drafts(): CommandDrafts {
    const { vault, ids, hasher, identity, registry, store } = this;
    return commandDrafts({ vault, ids, hasher, identity, keys: new KeyFinder(registry, store) });
  }

  /** With an account that is ready to call. */
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
    const executor = await LaneExecutor.start({ store, clock, ids, host, log, routes: exampleRoutes, timers: systemTimers, owner: 'spec', lanes: 'none' }); // prettier-ignore
    this.#executor = executor;
    this.#audience = audienceOf(log.logId);
    const signatures = new SignatureCheck(registry);
    const bodies = new SealedBodies(commandKeys);
    const { logId } = log;
    const door = new SignedCommandDoor({ logId, clock, store, signatures, bodies, drafts: this.drafts, identity, topics, replyPartitions: laneCount }); // prettier-ignore
    await CommandConsumer.start({ bus: bus as unknown as MessageBus, accountBus: bus, topics, laneCount, executor, vault, voucher, clock, ids, door, instance, onTrouble: tell }); // prettier-ignore
    await bus.joined?.onAssigned(Array.from({ length: laneCount }, (_, lane) => lane));
    return log;
  }

  async signingKey(home: AccountId | null = this.accountId, scopes = examplePolicy.scopes): Promise<KeyId> {
    const keyId = this.ids.keyId();
    const policy = { ...examplePolicy, scopes };
    const stream: StreamId = home ?? platformStream;
    await this.dispatch(stream, {
      type: 'RegisterSigningKey',
      accountId: home,
      keyId,
      mode: 'test',
      label: await this.vault.seal(stream, 'orders'),
      publicKey: client.publicKey,
      policy,
      policyHash: policyHashOf(policy),
    });
    return keyId;
  }

  async dispatch(stream: StreamId, wish: Wish): Promise<void> {
    const outcome = await this.executor.dispatch(this.#command(stream, wish));
    expect(outcome).toMatchObject({ accepted: true });
    await this.catchUp();
  }

  #command(stream: StreamId, wish: Wish): SubmittedCommand {
    return {
      commandId: this.ids.commandId(),
      idChosenByClient: false,
      fingerprint: new Uint8Array(0),
      stream,
      by: { kind: 'operator', name: 'spec' },
      wish,
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
  async message(keyId: KeyId, change: Partial<SignedWish> = {}, lane: Lane | null = null): Promise<BusMessage> {
    const [jwk] = this.commandKeys.jwks;
    invariant(jwk !== undefined, 'a ring has a key');
    const nowS = Math.floor(this.clock.now() / 1_000);
    const subject = change.subject ?? this.accountId;
    const wish: SignedWish = { name: 'place_call', id: 'order-17', subject, body: call, replyTo: '3.waiting', issuedAtS: nowS, expiresAtS: nowS + 60, ...change }; // prettier-ignore
    // Its place is taken before it is signed: many are signed at once.
    const place = this.at(lane ?? laneOf(subject as StreamId, laneCount), unwritten);
    return { ...place, key: subject, ...(await client.message(keyId, this.#audience, jwk, wish)) };
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

  /** What was answered since it was last asked. */
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

describe('a signed command', () => {
  it('is decided as its key’s, and answered', async () => {
    const b = await new Bench().start();
    const keyId = await b.signingKey();
    const message = await b.message(keyId);
    await b.hand(message);
    expect(b.replies()).toEqual([{ status: 'accepted', position: expect.anything(), replayed: false, result: { call_id: expect.anything() } }]); // prettier-ignore
    expect(await b.events('CallPlaced')).toMatchObject([
      { onBehalfOf: { keyId }, issuedBy: { kind: 'key', id: keyId } },
    ]);
    expect(b.isConsumed(message)).toBe(true);
    expect(b.told).toEqual([]);
  });

  it('that comes again has the outcome that it had, and calls nobody a second time', async () => {
    const b = await new Bench().start();
    const keyId = await b.signingKey();
    const first = await b.message(keyId);
    const again = b.at(first.partition as Lane, first);
    await b.hand(first, again);
    // Written anew by its sender, with other ciphertexts and another time: the same id and the same fields.
    b.clock.advance(30_000);
    await b.hand(await b.message(keyId));
    const [one, two, three] = b.replies();
    expect([one?.replayed, two?.replayed, three?.replayed]).toEqual([false, true, true]);
    expect(new Set([one, two, three].map((reply) => JSON.stringify(reply?.result))).size).toBe(1);
    expect(await b.events('CallPlaced')).toHaveLength(1);
  });

  it('that comes again after its process has died calls nobody a second time', async () => {
    const b = await new Bench().start();
    const keyId = await b.signingKey();
    const message = await b.message(keyId);
    await b.hand(message);
    await b.restart();
    // The group had not heard of the offset; the log has.
    await b.hand(message);
    expect(b.replies()).toHaveLength(1);
    expect(await b.events('CallPlaced')).toHaveLength(1);
  });

  it('has the outcome of the same id over HTTP, and the other way round', async () => {
    const b = await new Bench().start();
    const keyId = await b.signingKey();
    const { accountId: stream, identity } = b;
    const clientKey = parseClientKey('order-17');
    invariant(clientKey !== undefined, 'it is a key');
    const overHttp = async (): Promise<SubmittedCommand> => {
      const draft = await b.drafts.place_call({ ...call }, { stream, keyId, clientKey });
      const { wish, fields, result } = draft;
      const commandId = identity.commandIdFor(stream, clientKey);
      const fingerprint = identity.fingerprint(wish.type, fields);
      const by = { kind: 'key', keyId, home: 'account' } as const;
      return { commandId, idChosenByClient: true, fingerprint, stream, by, wish, result, deadlineMs: epochMs(b.clock.now() + 5_000), traceparent: null }; // prettier-ignore
    };
    await b.hand(await b.message(keyId));
    const [kafka] = b.replies();
    expect(await b.executor.dispatch(await overHttp())).toMatchObject({ accepted: true, replayed: true, result: kafka?.result }); // prettier-ignore
    await b.hand(await b.message(keyId, { body: { ...call, record: false } }));
    expect(b.replies()).toMatchObject([{ status: 'failed', code: 'idempotency_key_reused' }]);
  });

  describe('that was refused, and what stood in its way is gone,', () => {
    /** A call beyond what its key may place in a burst, refused. */
    async function refused() {
      const b = await new Bench().start();
      const keyId = await b.signingKey();
      for (let at = 0; at < examplePolicy.burstCalls; at += 1)
        await b.hand(await b.message(keyId, { id: `order-${String(at)}`, replyTo: `3.at-${String(at)}` }));
      b.replies();
      const message = await b.message(keyId);
      const copy = b.at(message.partition as Lane, message);
      return { b, keyId, message, copy };
    }
    const notAccepted = { status: 'failed', code: 'not_accepted', retryable: false };

    it('calls nobody by a copy of its record: that is not accepted, for good', async () => {
      const { b, message, copy } = await refused();
      await b.hand(message);
      b.clock.advance(5_000);
      await b.catchUp();
      await b.hand(copy);
      expect(b.replies()).toMatchObject([{ status: 'refused', refusal: { code: 'rate_limited' } }, notAccepted]);
      expect(await b.events('CallPlaced')).toHaveLength(examplePolicy.burstCalls);
      expect(b.isConsumed(copy)).toBe(true);
    });

    it('calls nobody by a copy that was read together with it', async () => {
      const { b, message, copy } = await refused();
      await b.hand(message, copy);
      expect(b.replies()).toMatchObject([{ status: 'refused' }, notAccepted]);
    });

    it('calls nobody by a copy that another process reads, which has looked at what came before', async () => {
      const { b, message, copy } = await refused();
      await b.hand(message);
      b.clock.advance(5_000);
      await b.restart();
      await b.catchUp();
      await b.hand(message, copy);
      expect(b.replies()).toMatchObject([{ status: 'refused' }, notAccepted]);
      expect(await b.events('CallPlaced')).toHaveLength(examplePolicy.burstCalls);
    });

    it('is decided when its sender asks anew', async () => {
      const { b, keyId, message } = await refused();
      await b.hand(message);
      b.clock.advance(5_000);
      await b.catchUp();
      await b.hand(await b.message(keyId, { replyTo: '3.anew' }));
      expect(b.replies()).toMatchObject([{ status: 'refused' }, { status: 'accepted', replayed: false }]);
    });

    it('is not taken for a copy of what somebody else made of its headers', async () => {
      const { b, keyId } = await refused();
      const message = await b.message(keyId, { id: 'true', replyTo: '3.true' });
      b.clock.advance(5_000);
      const forged = { ...message, value: Buffer.from('{}') };
      await b.hand(b.at(message.partition as Lane, forged), b.at(message.partition as Lane, message));
      expect(b.replies()).toMatchObject([{ code: 'signature_invalid' }, { status: 'accepted' }]);
    });
  });

  it('has its outcome though it comes again when it would be too late to ask for the first time', async () => {
    const b = await new Bench().start();
    const message = await b.message(await b.signingKey());
    await b.hand(message);
    b.clock.advance(120_000);
    await b.catchUp();
    await b.hand(b.at(message.partition as Lane, message));
    expect(b.replies()).toMatchObject([{ replayed: false }, { status: 'accepted', replayed: true }]);
  });

  it('keeps the order of its account, whatever its check costs', async () => {
    const b = await new Bench().start();
    const keyId = await b.signingKey();
    const others = Array.from({ length: 10 }, (_, at) => b.message(keyId, { id: `order-${String(at)}`, replyTo: `3.at-${String(at)}` })); // prettier-ignore
    const last = { name: 'suspend_account', body: { reason: 'requested' }, id: 'last' } as const;
    const admin = await b.signingKey(b.accountId, ['accounts:admin']);
    await b.hand(...(await Promise.all(others)), await b.message(admin, last));
    const replies = b.replies();
    expect(replies.slice(0, 5).map(({ status }) => status)).toEqual(Array.from({ length: 5 }, () => 'accepted'));
    expect(await b.events('CallPlaced')).toHaveLength(5);
    expect(await b.events('AccountSuspended')).toHaveLength(1);
  });

  it('of a revoked key is refused by the lane, in the order of its log, and told of', async () => {
    const b = await new Bench().start();
    const keyId = await b.signingKey();
    const message = await b.message(keyId);
    await b.dispatch(b.accountId, {
      type: 'RevokeKey',
      accountId: b.accountId,
      keyId,
      reason: 'leaked',
      onRevoke: null,
    });
    await b.hand(message);
    expect(b.replies()).toMatchObject([{ status: 'refused', refusal: { code: 'key_revoked' } }]);
    expect(await b.events('CallPlaced')).toEqual([]);
    expect(await b.events('CallRefused')).toMatchObject([{ data: { code: 'key_revoked' }, presentedKeyId: keyId }]);
  });

  it('by a key that the registry has not seen yet waits for it', async () => {
    const b = await new Bench().start();
    const keyId = await b.signingKey();
    const behind = new KeyRegistry(b.hasher, () => b.store.head());
    const found = behind.signingKey(keyId);
    behind.apply((await b.store.readAll(position(0), 1_000)).map(decodeRecorded), b.clock.now());
    expect(await found).toEqual({ publicKey: client.publicKey, home: 'account', accountId: b.accountId });
  });

  it('that stands in another lane is passed on as it is', async () => {
    const b = await new Bench().start();
    const keyId = await b.signingKey();
    const home = laneOf(b.accountId, laneCount);
    const stray = await b.message(keyId, {}, ((home + 1) % laneCount) as Lane);
    await b.hand(stray);
    const [moved] = b.published(topics.commands);
    expect(moved).toMatchObject({ partition: home, key: b.accountId, headers: stray.headers, value: stray.value });
    expect(b.isConsumed(stray)).toBe(true);
    await b.hand(b.at(home, stray));
    expect(b.replies()).toMatchObject([{ status: 'accepted' }]);
  });

  it('of an operator opens an account in the lane that its id leads to', async () => {
    const b = await new Bench().start();
    const keyId = await b.signingKey(null, ['accounts:admin']);
    const opening = {
      name: 'open_account',
      subject: 'platform',
      body: { name: 'Example GmbH', currency: 'EUR' },
    } as const;
    const message = await b.message(keyId, opening);
    await b.hand(message);
    for (const moved of b.published(topics.commands)) await b.hand(b.at(moved.partition as Lane, moved));
    const replies = b.replies();
    expect(replies).toMatchObject([{ status: 'accepted', result: { account_id: expect.stringMatching(/^acc_/) } }]);
    expect(await b.events('AccountOpened')).toHaveLength(2);
  });
});

describe('a secret in an answer', () => {
  const issuing = { name: 'issue_key', id: 'key-1', body: { label: 'night shift', mode: 'test', preset: 'Make calls' } } as const; // prettier-ignore
  const may = ['keys:write', 'calls:write', 'calls:read', 'streams:connect'] as const;

  it('is shown once, to its asker alone, and stands nowhere else', async () => {
    const b = await new Bench().start();
    const keyId = await b.signingKey(b.accountId, may);
    await b.hand(await b.message(keyId, { ...issuing, replyKey: reader.replyKey }));
    await b.hand(await b.message(keyId, { ...issuing, replyKey: reader.replyKey }));
    const [first, second] = b.replies();
    const { plaintext } = await compactDecrypt(String(first?.result?.['secret_jwe']), reader.privateKey);
    const secret = Buffer.from(plaintext).toString();
    const presented = { nowMs: b.clock.now(), sourceIp: '192.0.2.1' };
    expect(b.registry.check(secret, presented)).toMatchObject({
      ok: true,
      entry: { keyId: first?.result?.['key_id'] },
    });
    expect(first).toMatchObject({ replayed: false, result: { secret_already_shown: false } });
    expect(second).toMatchObject({ replayed: true, result: { secret_already_shown: true, key_id: first?.result?.['key_id'] } }); // prettier-ignore
    expect(second?.result).not.toHaveProperty('secret_jwe');
    expect(parseSecret(secret)).toBeDefined();
    const kept = [...b.log.events.map(({ bytes }) => bytes), ...[...b.log.outcomes.values()].map(({ body }) => body)];
    expect(Buffer.concat(kept).toString()).not.toContain(secret);
  });
});

describe('a command that is turned away', () => {
  it('is answered, told to the log, and done with in the same append', async () => {
    const b = await new Bench().start();
    const keyId = await b.signingKey();
    const message = await b.message(keyId, { body: call, expiresAtS: Math.floor(b.clock.now() / 1_000) + 1 });
    b.clock.advance(5_000);
    await b.catchUp();
    await b.hand(message);
    expect(b.replies()).toMatchObject([{ status: 'failed', code: 'command_expired', retryable: false }]);
    expect(await b.events('CommandTurnedAway')).toMatchObject([
      {
        stream: b.accountId,
        issuedBy: { kind: 'worker', id: `decider:${instance}` },
        data: { presentedKeyId: keyId, code: 'command_expired', commandType: 'place_call' },
      },
    ]);
    expect(b.isConsumed(message)).toBe(true);
    await b.restart();
    expect(b.isConsumed(message)).toBe(true);
    expect(b.published(topics.deadLetters)).toEqual([]);
  });

  it('does not use up its id: the same id, right, is decided', async () => {
    const b = await new Bench().start();
    const keyId = await b.signingKey();
    await b.hand(await b.message(keyId, { body: { ...call, to_number: 'nobody' } }));
    await b.hand(await b.message(keyId));
    expect(b.replies()).toMatchObject([{ code: 'command_field_invalid' }, { status: 'accepted', replayed: false }]);
  });

  it('in a flood is summed, and each is answered', async () => {
    const b = await new Bench().start();
    const keyId = await b.signingKey();
    const wrong = { body: { ...call, to_number: 'nobody' } };
    await b.hand(...(await Promise.all(Array.from({ length: 20 }, () => b.message(keyId, wrong)))));
    expect(b.replies()).toHaveLength(20);
    expect(await b.events('CommandTurnedAway')).toHaveLength(1);
  });

  it('names an account that never was: it is answered, and the log has nothing of it', async () => {
    const b = await new Bench().start();
    const message = await b.message(await b.signingKey(), { subject: b.ids.accountId() });
    await b.hand(message);
    expect(b.replies()).toMatchObject([{ code: 'signing_key_foreign' }]);
    expect(await b.events('CommandTurnedAway')).toEqual([]);
    expect(b.isConsumed(message)).toBe(true);
  });

  it('of a gateway was issued before what the topic keeps', async () => {
    const b = await new Bench().start();
    const command: SubmittedCommand = {
      commandId: b.ids.commandId(),
      idChosenByClient: false,
      fingerprint: Buffer.from('fields'),
      stream: b.accountId,
      by: { kind: 'operator', name: 'spec' },
      wish: { type: 'SuspendAccount', accountId: b.accountId, reason: 'requested' },
      result: {},
      deadlineMs: epochMs(b.clock.now() + 2 * commandsKeptMs),
      traceparent: null,
    };
    const lane = laneOf(b.accountId, laneCount);
    const hand = async (issuedMsAgo: number) => {
      const issuedAtMs = epochMs(b.clock.now() - issuedMsAgo);
      const event = commandEvent(command, issuedAtMs, { partition: 3, correlation: 'gateway' }, 'urn:spec');
      await b.hand(b.at(lane, { key: b.accountId, headers: vouchedHeaders(event, voucher), value: event.data }));
    };
    await hand(commandsKeptMs + 1);
    expect(b.replies()).toMatchObject([{ status: 'failed', code: 'command_too_old' }]);
    expect(await b.events('AccountSuspended')).toEqual([]);
    expect(await b.events('CommandTurnedAway')).toMatchObject([{ data: { code: 'command_too_old' } }]);
    await hand(commandsKeptMs);
    expect(b.replies()).toMatchObject([{ status: 'accepted' }]);
  });

  it('waits, with those behind it, while the keys cannot be known', async () => {
    const b = await new Bench().start();
    const known = await b.signingKey();
    const unseen = new Failure('event_store_unavailable', 'away', true);
    const message = await b.message(b.ids.keyId());
    const behind = await b.message(known, { id: 'behind' });
    const head = b.store.head.bind(b.store);
    b.store.head = () => Promise.reject(unseen);
    await expect(b.hand(message, behind)).rejects.toMatchObject({ code: 'key_registry_behind' });
    expect([message, behind].map((each) => b.isConsumed(each))).toEqual([false, false]);
    b.store.head = head;
    await b.hand(message, behind);
    expect(b.replies()).toMatchObject([{ code: 'signing_key_unknown' }, { status: 'accepted' }]);
  });

  it.each([
    ['names no account', { ce_subject: '+15005550000' }],
    ['is no event', { ce_specversion: '0.3', ce_source: 'tel:+15005550000' }],
  ])('but %s is a dead letter that keeps nothing of what it held', async (_what, change) => {
    const b = await new Bench().start();
    const message = await b.message(await b.signingKey(), { rawValue: Buffer.from('{"to_number":"+15005550000"}') });
    await b.hand({ ...message, key: '+15005550000', headers: { ...message.headers, ...change } });
    const [letter] = b.published(topics.deadLetters);
    invariant(letter !== undefined, 'there is a dead letter');
    expect(readDeadLetter({ ...letter, partition: 0, offset: 0n })).toMatchObject({ withheld: true, partition: message.partition }); // prettier-ignore
    expect(JSON.stringify([letter.key, letter.headers, Buffer.from(letter.value).toString()])).not.toContain(
      '5005550000',
    );
    expect(b.isConsumed(message)).toBe(true);
  });
});
