import { beforeAll, describe, expect, it } from '@jest/globals';
import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import { Failure } from '@ringfence/kernel/failure';
import type { KeyId } from '@ringfence/kernel/ids';
import { invariant } from '@ringfence/kernel/invariant';
import { type Lane, laneOf } from '@ringfence/kernel/lane';
import { epochMs, position } from '@ringfence/kernel/units';
import type { ReplyKey } from '@ringfence/wire/signed-command';
import { commandsKeptMs } from '@ringfence/wire/topics';
import { examplePolicy } from '@ringfence/testing/examples';
import { laneCount, topics, clusterMac } from '@ringfence/testing/decider-world';
import { call, instance, SignedCommandBench } from '@ringfence/testing/signed-command-bench';
import { SigningClient } from '@ringfence/testing/signing-client';
import { compactDecrypt, type CryptoKey, exportJWK, generateKeyPair } from 'jose';
import { KeyRegistry } from '@ringfence/auth/key-registry';
import { parseSecret } from '@ringfence/auth/key-secret';
import { parseClientKey } from '@ringfence/commands/request-identity';
import type { SubmittedCommand } from '@ringfence/commands/command-dispatcher';
import { commandEvent } from '../envelope/wire-command-envelope.js';
import { readDeadLetter } from './dead-letter.js';
import { authenticatedHeaders } from './cluster-event.js';

let client: SigningClient;
let reader: { readonly privateKey: CryptoKey; readonly replyKey: ReplyKey };
beforeAll(async () => {
  client = await SigningClient.create();
  const { privateKey, publicKey } = await generateKeyPair('ECDH-ES', { crv: 'X25519', extractable: true });
  const { x = '' } = await exportJWK(publicKey);
  reader = { privateKey, replyKey: { kty: 'OKP', crv: 'X25519', x } };
});

const started = () => new SignedCommandBench(client).start();

describe('a signed command', () => {
  it('is decided as its key’s, and answered', async () => {
    const b = await started();
    const keyId = await b.signingKey();
    const message = await b.message(keyId);
    await b.hand(message);
    expect(b.replies()).toEqual([
      {
        status: 'accepted',
        position: expect.anything(),
        replayed: false,
        result: { call_id: expect.anything(), warnings: ['recording_not_made'] },
      },
    ]);
    expect(await b.events('CallPlaced')).toMatchObject([
      { onBehalfOf: { keyId }, issuedBy: { kind: 'key', id: keyId } },
    ]);
    expect(b.isConsumed(message)).toBe(true);
    expect(b.reports).toEqual([]);
  });

  it('that comes again has the outcome that it had, and calls nobody a second time', async () => {
    const b = await started();
    const keyId = await b.signingKey();
    const first = await b.message(keyId);
    const again = b.at(first.partition as Lane, first);
    await b.hand(first, again);
    // Written again by its sender, with other ciphertexts and another time: the same id and the same fields.
    b.clock.advance(30_000);
    await b.hand(await b.message(keyId));
    const [one, two, three] = b.replies();
    expect([one?.replayed, two?.replayed, three?.replayed]).toEqual([false, true, true]);
    expect(new Set([one, two, three].map((reply) => JSON.stringify(reply?.result))).size).toBe(1);
    expect(await b.events('CallPlaced')).toHaveLength(1);
  });

  it('that comes again after its process has died calls nobody a second time', async () => {
    const b = await started();
    const keyId = await b.signingKey();
    const message = await b.message(keyId);
    await b.hand(message);
    await b.restart();
    // The group did not have the offset; the log has.
    await b.hand(message);
    expect(b.replies()).toHaveLength(1);
    expect(await b.events('CallPlaced')).toHaveLength(1);
  });

  it('has the outcome of the same id over HTTP, and the other way round', async () => {
    const b = await started();
    const keyId = await b.signingKey();
    const { accountId: stream, identity } = b;
    const clientKey = parseClientKey('order-17');
    invariant(clientKey !== undefined, 'it is a key');
    const overHttp = async (): Promise<SubmittedCommand> => {
      const request = await b.requests.place_call({ ...call }, { stream, keyId, clientKey });
      const { payload, fields, result } = request;
      const commandId = identity.commandIdFor(stream, 'test', clientKey);
      const fingerprint = identity.fingerprint(payload.type, fields);
      const principal = { kind: 'key', keyId, home: 'account' } as const;
      return {
        commandId,
        idChosenByClient: true,
        fingerprint,
        stream,
        principal,
        payload,
        result,
        deadlineMs: epochMs(b.clock.now() + 5_000),
        traceparent: null,
      };
    };
    await b.hand(await b.message(keyId));
    const [kafka] = b.replies();
    expect(await b.running.dispatch(await overHttp())).toMatchObject({
      accepted: true,
      replayed: true,
      result: kafka?.result,
    });
    await b.hand(await b.message(keyId, { body: { ...call, record: false } }));
    expect(b.replies()).toMatchObject([{ status: 'failed', code: 'idempotency_key_reused' }]);
  });

  describe('of a test key,', () => {
    /** Keys that may revoke, and three to be revoked. */
    async function pair() {
      const b = await started();
      const scopes = ['keys:write'] as const;
      const live = await b.signingKey(b.accountId, scopes, 'live');
      const test = await b.signingKey(b.accountId, scopes, 'test');
      const others = [await b.signingKey(), await b.signingKey(), await b.signingKey()] as const;
      const revoke = async (by: KeyId, revoked: KeyId) => {
        await b.hand(await b.message(by, { name: 'revoke_key', body: { key_id: revoked, reason: 'leaked' } }));
        return b.replies();
      };
      return { live, test, others, revoke };
    }

    it('hears nothing of what a live command of the same id led to', async () => {
      const { live, test, others, revoke } = await pair();
      const [first, second] = others;
      expect(await revoke(live, first)).toMatchObject([{ status: 'accepted', replayed: false }]);
      expect(await revoke(test, first)).toMatchObject([
        { status: 'refused', refusal: { code: 'key_already_revoked' } },
      ]);
      expect(await revoke(live, first)).toMatchObject([{ status: 'accepted', replayed: true }]);
      expect(await revoke(live, second)).toMatchObject([{ status: 'failed', code: 'idempotency_key_reused' }]);
    });

    it('keeps no live command from its id', async () => {
      const { live, test, others, revoke } = await pair();
      const [first, second, third] = others;
      expect(await revoke(test, first)).toMatchObject([{ status: 'accepted', replayed: false }]);
      expect(await revoke(live, second)).toMatchObject([{ status: 'accepted', replayed: false }]);
      expect(await revoke(test, first)).toMatchObject([{ status: 'accepted', replayed: true }]);
      expect(await revoke(test, third)).toMatchObject([{ status: 'failed', code: 'idempotency_key_reused' }]);
    });
  });

  describe('that was refused, and whose obstacle is gone,', () => {
    /** A call beyond what its key may place in a burst, refused. */
    async function refused() {
      const b = await started();
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

    it('is decided when its sender tries again', async () => {
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
    const b = await started();
    const message = await b.message(await b.signingKey());
    await b.hand(message);
    b.clock.advance(120_000);
    await b.catchUp();
    await b.hand(b.at(message.partition as Lane, message));
    expect(b.replies()).toMatchObject([{ replayed: false }, { status: 'accepted', replayed: true }]);
  });

  it('keeps the order of its account, whatever its check costs', async () => {
    const b = await started();
    const keyId = await b.signingKey();
    const others = Array.from({ length: 10 }, (_, at) =>
      b.message(keyId, { id: `order-${String(at)}`, replyTo: `3.at-${String(at)}` }),
    );
    const last = { name: 'suspend_account', body: { reason: 'requested' }, id: 'last' } as const;
    const admin = await b.signingKey(b.accountId, ['accounts:admin'], 'live');
    await b.hand(...(await Promise.all(others)), await b.message(admin, last));
    const replies = b.replies();
    expect(replies.slice(0, 5).map(({ status }) => status)).toEqual(Array.from({ length: 5 }, () => 'accepted'));
    expect(await b.events('CallPlaced')).toHaveLength(5);
    expect(await b.events('AccountSuspended')).toHaveLength(1);
  });

  it('of a revoked key is refused by the lane, in the order of its log, and recorded', async () => {
    const b = await started();
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
    const b = await started();
    const keyId = await b.signingKey();
    const behind = new KeyRegistry(b.hasher, () => b.store.head());
    const found = behind.signingKey(keyId);
    behind.apply((await b.store.readAll(position(0), 1_000)).map(decodeRecorded), b.clock.now());
    expect(await found).toEqual({ publicKey: client.publicKey, home: 'account', accountId: b.accountId, mode: 'test' });
  });

  it('that is in another lane is forwarded as it is', async () => {
    const b = await started();
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
    const b = await started();
    const keyId = await b.signingKey(null, ['accounts:admin']);
    const opening = {
      name: 'open_account',
      subject: 'platform',
      body: { name: 'Example GmbH', currency: 'USD' },
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
  const issuing = {
    name: 'issue_key',
    id: 'key-1',
    body: { label: 'night shift', mode: 'test', preset: 'Make calls' },
  } as const;
  const may = ['keys:write', 'calls:write', 'calls:read', 'streams:connect'] as const;

  it('is shown once, to its requester alone, and is nowhere else', async () => {
    const b = await started();
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
    expect(second).toMatchObject({
      replayed: true,
      result: { secret_already_shown: true, key_id: first?.result?.['key_id'] },
    });
    expect(second?.result).not.toHaveProperty('secret_jwe');
    expect(parseSecret(secret)).toBeDefined();
    const kept = [...b.log.events.map(({ bytes }) => bytes), ...[...b.log.outcomes.values()].map(({ body }) => body)];
    expect(Buffer.concat(kept).toString()).not.toContain(secret);
  });
});

describe('a command that is rejected', () => {
  it('is answered, recorded in the log, and consumed in the same append', async () => {
    const b = await started();
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
    const b = await started();
    const keyId = await b.signingKey();
    await b.hand(await b.message(keyId, { body: { ...call, to_number: 'nobody' } }));
    await b.hand(await b.message(keyId));
    expect(b.replies()).toMatchObject([{ code: 'command_field_invalid' }, { status: 'accepted', replayed: false }]);
  });

  it('in a flood is summed, and each is answered', async () => {
    const b = await started();
    const keyId = await b.signingKey();
    const wrong = { body: { ...call, to_number: 'nobody' } };
    await b.hand(...(await Promise.all(Array.from({ length: 20 }, () => b.message(keyId, wrong)))));
    expect(b.replies()).toHaveLength(20);
    expect(await b.events('CommandTurnedAway')).toHaveLength(1);
  });

  it('names an account that never was: it is answered, and the log has nothing of it', async () => {
    const b = await started();
    const message = await b.message(await b.signingKey(), { subject: b.ids.accountId() });
    await b.hand(message);
    expect(b.replies()).toMatchObject([{ code: 'signing_key_foreign' }]);
    expect(await b.events('CommandTurnedAway')).toEqual([]);
    expect(b.isConsumed(message)).toBe(true);
  });

  it('of a gateway was issued before what the topic keeps', async () => {
    const b = await started();
    const command: SubmittedCommand = {
      commandId: b.ids.commandId(),
      idChosenByClient: false,
      fingerprint: Buffer.from('fields'),
      stream: b.accountId,
      principal: { kind: 'operator', name: 'spec' },
      payload: { type: 'SuspendAccount', accountId: b.accountId, reason: 'requested' },
      result: {},
      deadlineMs: epochMs(b.clock.now() + 2 * commandsKeptMs),
      traceparent: null,
    };
    const lane = laneOf(b.accountId, laneCount);
    const hand = async (issuedMsAgo: number) => {
      const issuedAtMs = epochMs(b.clock.now() - issuedMsAgo);
      const event = commandEvent(command, issuedAtMs, { partition: 3, correlation: 'gateway' }, 'urn:spec');
      await b.hand(
        b.at(lane, { key: b.accountId, headers: authenticatedHeaders(event, clusterMac), value: event.data }),
      );
    };
    await hand(commandsKeptMs + 1);
    expect(b.replies()).toMatchObject([{ status: 'failed', code: 'command_too_old' }]);
    expect(await b.events('AccountSuspended')).toEqual([]);
    expect(await b.events('CommandTurnedAway')).toMatchObject([{ data: { code: 'command_too_old' } }]);
    await hand(commandsKeptMs);
    expect(b.replies()).toMatchObject([{ status: 'accepted' }]);
  });

  it('waits, with those behind it, while the keys cannot be known', async () => {
    const b = await started();
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
    const b = await started();
    const message = await b.message(await b.signingKey(), { rawValue: Buffer.from('{"to_number":"+15005550000"}') });
    await b.hand({ ...message, key: '+15005550000', headers: { ...message.headers, ...change } });
    const [letter] = b.published(topics.deadLetters);
    invariant(letter !== undefined, 'there is a dead letter');
    expect(readDeadLetter({ ...letter, partition: 0, offset: 0n })).toMatchObject({
      withheld: true,
      partition: message.partition,
    });
    expect(JSON.stringify([letter.key, letter.headers, Buffer.from(letter.value).toString()])).not.toContain(
      '5005550000',
    );
    expect(b.isConsumed(message)).toBe(true);
  });
});
