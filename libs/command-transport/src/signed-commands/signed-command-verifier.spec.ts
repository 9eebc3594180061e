import { agreedZones, exampleCalendar } from '@ringfence/testing/examples';
import { createHmac } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { MemoryEventStore, MemoryLog } from '@ringfence/event-store-memory/memory-event-store';
import { Failure } from '@ringfence/kernel/failure';
import type { KeyId, LogId, StreamId } from '@ringfence/kernel/ids';
import { type CloudEvent, readBinary } from '@ringfence/wire/cloud-event';
import type { MessageHeaders } from '@ringfence/ports/message-bus/message';
import { audienceOf } from '@ringfence/wire/signed-command';
import { FakeClock } from '@ringfence/testing/fake-clock';
import { topicsOf } from '@ringfence/wire/topics';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import { sealedValue, SigningClient, type CommandToSign } from '@ringfence/testing/signing-client';
import { compactDecrypt, CompactSign, exportJWK, generateKeyPair } from 'jose';
import { KeyRegistry, type VerificationKey } from '@ringfence/auth/key-registry';
import { KeyRing } from '@ringfence/runtime/key-ring';
import { parseSecret } from '@ringfence/auth/key-secret';
import { SecretHasher } from '@ringfence/auth/secret-hasher';
import { RequestIdentity } from '@ringfence/commands/request-identity';
import { InMemorySubjectVault } from '@ringfence/vault-memory/memory-subject-vault';
import { requestBuilders } from '@ringfence/requests/request-builders';
import { KeyFinder } from '@ringfence/requests/key-finder';
import { CommandKeys } from './command-keys.js';
import { SealedBodies } from './sealed-body.js';
import { SignatureCheck } from './signature-check.js';
import {
  clockLeadMsMax,
  type VerificationResult,
  SignedCommandVerifier,
  subjectOf,
  validityMsMax,
} from './signed-command-verifier.js';

const ring = (fill: number, id = 'one') => KeyRing.parse(`${id}:${Buffer.alloc(32, fill).toString('base64')}`, 'spec');
const logId = 'log_01K9Z000000000000000000000' as LogId;
const audience = audienceOf(logId);
const call = {
  from_number: '+15005550100',
  to_number: '+15005550000',
  flow_url: 'https://example.com/flow',
  status_callback_url: null,
  record: true,
};
const ids = new PredictableIds();
const [ours, theirs] = [ids.accountId(), ids.accountId()];
const [keyId, foreignKeyId, operatorKeyId, testKeyId] = [ids.keyId(), ids.keyId(), ids.keyId(), ids.keyId()];

let client: SigningClient;
let other: SigningClient;
beforeAll(async () => {
  [client, other] = await Promise.all([SigningClient.create(), SigningClient.create()]);
});

/** A verifier, and commands for it. */
class Bench {
  readonly clock = new FakeClock();
  readonly store = new MemoryEventStore(new MemoryLog(), this.clock);
  readonly vault = new InMemorySubjectVault(ids);
  readonly commandKeys = new CommandKeys(ring(7));
  readonly identity = new RequestIdentity(new Uint8Array(32));
  readonly keys = new Map<KeyId, VerificationKey>([
    [keyId, { publicKey: client.publicKey, home: 'account', accountId: ours, mode: 'live' }],
    [testKeyId, { publicKey: client.publicKey, home: 'account', accountId: ours, mode: 'test' }],
    [foreignKeyId, { publicKey: client.publicKey, home: 'account', accountId: theirs, mode: 'live' }],
    [operatorKeyId, { publicKey: client.publicKey, home: 'platform', accountId: null, mode: null }],
  ]);
  behind = false;
  readonly verifier: SignedCommandVerifier;

  constructor() {
    const { clock, store, vault, commandKeys, identity } = this;
    const hasher = new SecretHasher(ring(1));
    const finder = new KeyFinder(new KeyRegistry(hasher, () => store.head()), store);
    const requests = requestBuilders({
      vault,
      ids,
      hasher,
      keys: finder,
      identity,
      calendar: exampleCalendar,
      zones: agreedZones,
    });
    const signingKey = (asked: KeyId) =>
      this.behind
        ? Promise.reject(new Failure('key_registry_behind', 'not seen', true))
        : Promise.resolve(this.keys.get(asked));
    const signatures = new SignatureCheck({ signingKey });
    const bodies = new SealedBodies(commandKeys);
    this.verifier = new SignedCommandVerifier({
      logId,
      clock,
      store,
      signatures,
      bodies,
      requests,
      identity,
      topics: topicsOf('ringfence'),
      replyPartitions: 64,
    });
  }

  get encryption() {
    const [jwk] = this.commandKeys.jwks;
    if (jwk === undefined) throw new Error('a ring has a key');
    return jwk;
  }

  command(change: Partial<CommandToSign> = {}): CommandToSign {
    const nowS = Math.floor(this.clock.now() / 1_000);
    return {
      name: 'place_call',
      id: 'order-17',
      subject: ours,
      body: call,
      replyTo: '3.waiting',
      issuedAtS: nowS,
      expiresAtS: nowS + 60,
      ...change,
    };
  }

  async event(
    change: Partial<CommandToSign> = {},
    by: KeyId = keyId,
    signer = client,
    aud = audience,
  ): Promise<CloudEvent> {
    const { headers, value } = await signer.message(by, aud, this.encryption, this.command(change));
    return read(headers, value);
  }

  judge(event: CloudEvent, subject: StreamId = ours): Promise<VerificationResult> {
    return this.verifier.verify(event, subject);
  }

  async codeOf(event: CloudEvent): Promise<string> {
    const judged = await this.judge(event, subjectOf(event) ?? ours);
    return judged.kind === 'admitted' ? 'admitted' : judged.rejected.code;
  }
}

function read(headers: MessageHeaders, value: Uint8Array): CloudEvent {
  const event = readBinary(headers, value);
  if ('fault' in event) throw new Error(event.fault);
  return event;
}

/** Replaces the signature of a record: everything about it can be wrong. */
async function signedAs(event: CloudEvent, header: object) {
  const payload = Buffer.from((event.extensions['signature'] ?? '').split('.')[1] ?? '', 'base64url').toString();
  const signature = await new CompactSign(Buffer.from(payload))
    .setProtectedHeader({ alg: 'EdDSA', ...header })
    .sign(client.privateKey);
  return { ...event, extensions: { ...event.extensions, signature } };
}

const typ = 'ringfence-command+jws';
const base64url = (text: string) => Buffer.from(text).toString('base64url');

describe('the verifier of signed commands', () => {
  it('admits what the holder of a signing key has signed, as the command that HTTP would have made of it', async () => {
    const b = new Bench();
    const judged = await b.judge(await b.event());
    if (judged.kind !== 'admitted') throw new Error(judged.rejected.detail);
    const { command, requester, secretJwe } = judged;
    expect(command).toMatchObject({
      stream: ours,
      principal: { kind: 'key', keyId, home: 'account' },
      payload: { type: 'PlaceCall', from: { clear: call.from_number }, to: { clear: call.to_number }, record: true },
      idChosenByClient: true,
      deadlineMs: b.clock.now() + 60_000,
    });
    expect(command.commandId).toBe(b.identity.commandIdFor(ours, 'live', 'order-17' as never));
    expect(Buffer.from(command.fingerprint)).toEqual(b.identity.fingerprint('PlaceCall', call));
    expect(requester).toEqual({ commandId: command.commandId, replyTo: { partition: 3, correlation: 'waiting' } });
    expect(secretJwe).toBeNull();
  });

  it('takes the id of a command for another with a test key than with a live one, also where it rejects it', async () => {
    const b = new Bench();
    const idOf = async (by: KeyId, change: Partial<CommandToSign> = {}) => {
      const { kind, requester } = await b.judge(await b.event(change, by));
      return [kind, requester.commandId];
    };
    const [live, test] = (['live', 'test'] as const).map((mode) =>
      b.identity.commandIdFor(ours, mode, 'order-17' as never),
    );
    expect(await idOf(keyId)).toEqual(['admitted', live]);
    expect(await idOf(testKeyId)).toEqual(['admitted', test]);
    const late = { issuedAtS: 1, expiresAtS: 2 };
    expect(await idOf(keyId, late)).toEqual(['rejected', live]);
    expect(await idOf(testKeyId, late)).toEqual(['rejected', test]);
    expect(await idOf(operatorKeyId)).toEqual(['admitted', live]);
  });

  it('says who signed, whose it is and what it asked for when it rejects a command', async () => {
    const b = new Bench();
    const judged = await b.judge(await b.event({ subject: theirs }), theirs);
    expect(judged).toMatchObject({
      kind: 'rejected',
      requester: { replyTo: { partition: 3, correlation: 'waiting' } },
      rejected: { stream: theirs, code: 'signing_key_foreign', presentedKeyId: keyId, commandType: 'PlaceCall' },
    });
  });

  it('takes an operator’s key for any account', async () => {
    const b = new Bench();
    const verify = { name: 'verify_account', body: {} } as const;
    expect(await b.judge(await b.event(verify, operatorKeyId))).toMatchObject({
      kind: 'admitted',
      command: { principal: { keyId: operatorKeyId, home: 'platform' }, payload: { type: 'VerifyAccount' } },
    });
  });

  it('opens the same account for the same id of the same operator', async () => {
    const b = new Bench();
    const body = { name: 'Example GmbH', currency: 'EUR' };
    const opening = { name: 'open_account', body, subject: 'platform' } as const;
    const streams = await Promise.all(
      [1, 2].map(async () => {
        const judged = await b.judge(await b.event(opening, operatorKeyId), 'platform' as StreamId);
        return judged.kind === 'admitted' ? judged.command.stream : judged.rejected.code;
      }),
    );
    expect(streams).toEqual([expect.stringMatching(/^acc_/), streams[0]]);
  });

  describe('rejects a signature', () => {
    it('that is missing', async () => {
      const b = new Bench();
      const { extensions, ...event } = await b.event();
      const { signature: _signature, ...rest } = extensions;
      expect(await b.codeOf({ ...event, extensions: rest })).toBe('signature_missing');
    });

    it('of another key than its kid', async () => {
      const b = new Bench();
      expect(await b.codeOf(await b.event({}, keyId, other))).toBe('signature_invalid');
    });

    it('by a key that nobody has registered', async () => {
      const b = new Bench();
      expect(await b.codeOf(await b.event({}, ids.keyId()))).toBe('signing_key_unknown');
    });

    it('of another account’s key', async () => {
      const b = new Bench();
      expect(await b.codeOf(await b.event({}, foreignKeyId))).toBe('signing_key_foreign');
    });

    it('for another log', async () => {
      const b = new Bench();
      expect(await b.codeOf(await b.event({}, keyId, client, audienceOf(ids.logId())))).toBe('audience_wrong');
    });

    it.each([
      ['none at all', { alg: 'none', kid: keyId, typ }, () => ''],
      ['HS256 with the public key as its secret', { alg: 'HS256', kid: keyId, typ }, hmacWithPublicKey],
    ])('whose algorithm is %s', async (_what, header, sign) => {
      const b = new Bench();
      const event = await b.event();
      const [, payload = ''] = (event.extensions['signature'] ?? '').split('.');
      const signed = `${base64url(JSON.stringify(header))}.${payload}`;
      const signature = `${signed}.${sign(signed)}`;
      expect(await b.codeOf({ ...event, extensions: { ...event.extensions, signature } })).toBe('signature_invalid');
    });

    it.each([
      ['another type', { kid: keyId, typ: 'JWT' }],
      ['no type', { kid: keyId }],
      ['no key id', { typ }],
      ['a key of its own', { kid: keyId, typ, jwk: {} }],
      ['a critical extension', { kid: keyId, typ, crit: ['b64'], b64: true }],
    ])('whose header has %s', async (_what, header) => {
      const b = new Bench();
      expect(await b.codeOf(await signedAs(await b.event(), header))).toBe('signature_invalid');
    });

    it.each([
      ['id', { id: 'order-18' }],
      ['source', { source: 'urn:example:elsewhere' }],
      ['type', { type: 'ringfence.command.hang_up_call.v1' }],
      ['replyto', { extensions: { replyto: '4.waiting' } }],
      ['value', { data: Buffer.from('{}') }],
    ])('over another %s', async (_what, change: Partial<CloudEvent>) => {
      const b = new Bench();
      const event = await b.event();
      const altered = { ...event, ...change, extensions: { ...event.extensions, ...change.extensions } };
      expect(await b.codeOf(altered)).toBe('signature_invalid');
    });

    it('over another subject, though its key be an operator’s', async () => {
      const b = new Bench();
      expect(await b.codeOf({ ...(await b.event({}, operatorKeyId)), subject: theirs })).toBe('signature_invalid');
    });
  });

  describe('holds a command against the clock', () => {
    const at = (b: Bench, issuedMsAgo: number, validS: number) => {
      const issuedAtS = Math.floor((b.clock.now() - issuedMsAgo) / 1_000);
      return b.event({ issuedAtS, expiresAtS: issuedAtS + validS });
    };
    const weekS = validityMsMax / 1_000;

    it.each([
      { issuedMsAgo: 59_000, validS: 60, code: 'admitted', because: 'it has a second left' },
      { issuedMsAgo: 60_000, validS: 60, code: 'command_expired', because: 'it is valid until then and not then' },
      { issuedMsAgo: validityMsMax, validS: weekS, code: 'command_expired', because: 'the topic has it still' },
      {
        issuedMsAgo: validityMsMax + 1_000,
        validS: weekS,
        code: 'command_too_old',
        because: 'the topic has it no more',
      },
      { issuedMsAgo: -clockLeadMsMax, validS: 60, code: 'admitted', because: 'clocks differ' },
      { issuedMsAgo: -clockLeadMsMax - 1_000, validS: 60, code: 'command_from_the_future', because: 'not so much' },
      { issuedMsAgo: 0, validS: weekS + 1, code: 'command_field_invalid', because: 'it would outlive its topic' },
      { issuedMsAgo: 0, validS: 0, code: 'command_field_invalid', because: 'it was never valid' },
    ])('issued $issuedMsAgo ms ago for $validS s: $code, for $because', async ({ issuedMsAgo, validS, code }) => {
      const b = new Bench();
      expect(await b.codeOf(await at(b, issuedMsAgo, validS))).toBe(code);
    });
  });

  describe('reads what it was sent', () => {
    const withValue = async (b: Bench, value: unknown) => {
      const nowS = Math.floor(b.clock.now() / 1_000);
      const text = Buffer.from(JSON.stringify(value));
      return b.event({ rawValue: text, issuedAtS: nowS, expiresAtS: nowS + 60 });
    };
    const sealed = async (b: Bench, subject: string = ours) =>
      Object.fromEntries(
        await Promise.all(
          Object.entries(call).map(async ([name, value]) => {
            return [name, typeof value === 'string' ? await sealedValue(value, subject, b.encryption) : value] as const;
          }),
        ),
      );

    it('and takes no number in clear, nor says it back', async () => {
      const b = new Bench();
      const judged = await b.judge(await withValue(b, { ...(await sealed(b)), to_number: call.to_number }));
      expect(judged).toMatchObject({ rejected: { code: 'personal_value_in_clear' } });
      expect(JSON.stringify(judged)).not.toContain(call.to_number.slice(1));
    });

    it('and takes no ciphertext that was made for another account', async () => {
      const b = new Bench();
      const stolen = await sealed(b, theirs);
      const judged = await b.judge(await withValue(b, { ...(await sealed(b)), to_number: stolen['to_number'] }));
      expect(judged).toMatchObject({ rejected: { code: 'personal_value_unreadable' } });
    });

    it('and takes no ciphertext to a key that is not the platform’s', async () => {
      const b = new Bench();
      const [elsewhere] = new CommandKeys(ring(8)).jwks;
      if (elsewhere === undefined) throw new Error('a ring has a key');
      const to_number = await sealedValue(call.to_number, ours, elsewhere);
      expect(await b.codeOf(await withValue(b, { ...(await sealed(b)), to_number }))).toBe('personal_value_unreadable');
    });

    it('and holds what it opened to the rules of HTTP', async () => {
      const b = new Bench();
      const to_number = await sealedValue('5005550000', ours, b.encryption);
      const judged = await b.judge(await withValue(b, { ...(await sealed(b)), to_number }));
      expect(judged).toMatchObject({
        rejected: { code: 'command_field_invalid', detail: 'to_number is a number in E.164, such as +15005550000' },
      });
    });

    it('and rejects a required field that is null', async () => {
      const b = new Bench();
      expect(await b.codeOf(await withValue(b, { ...(await sealed(b)), to_number: null }))).toBe(
        'command_field_invalid',
      );
    });

    it.each([
      ['a field more', { reason: 'x' }, /the value has no fields but/],
      ['a name that says a number', { '+15005550000': 1 }, /the value has no fields but/],
      ['a field of another kind', { record: 'yes' }, /record is true or false/],
    ])('and rejects %s', async (_what, change, detail) => {
      const b = new Bench();
      const judged = await b.judge(await withValue(b, { ...(await sealed(b)), ...change }));
      const rejection = { code: 'command_field_invalid', detail: expect.stringMatching(detail) as unknown };
      expect(judged).toMatchObject({ rejected: rejection });
      expect(JSON.stringify(judged)).not.toContain('5005550000');
    });

    it.each([
      ['no object', [1]],
      ['nothing', null],
    ])('and rejects %s', async (_what, value) => {
      const b = new Bench();
      expect(await b.codeOf(await withValue(b, value))).toBe('command_field_invalid');
    });

    it('in whatever form of Unicode it was written', async () => {
      const b = new Bench();
      const fingerprints = await Promise.all(
        ['caf\u00e9', 'cafe\u0301'].map(async (label) => {
          const body = { label, mode: 'test', preset: 'Read data' };
          const key = { kty: 'OKP', crv: 'X25519', x: b.encryption.x } as const;
          const judged = await b.judge(await b.event({ name: 'issue_key', body, replyKey: key }));
          return judged.kind === 'admitted' ? Buffer.from(judged.command.fingerprint).toString('hex') : judged.rejected;
        }),
      );
      expect(fingerprints[0]).toBe(fingerprints[1]);
    });
  });

  describe('gives a secret to its asker alone', () => {
    const body = { label: 'night shift', mode: 'test', preset: 'Read data' };
    const issuing = { name: 'issue_key', body } as const;

    it('as a JWE to the key that the signature names', async () => {
      const b = new Bench();
      const { privateKey, publicKey } = await generateKeyPair('ECDH-ES', { crv: 'X25519', extractable: true });
      const { x = '' } = await exportJWK(publicKey);
      const judged = await b.judge(await b.event({ ...issuing, replyKey: { kty: 'OKP', crv: 'X25519', x } }));
      if (judged.kind !== 'admitted') throw new Error(judged.rejected.detail);
      const { plaintext } = await compactDecrypt(judged.secretJwe ?? '', privateKey);
      expect(parseSecret(Buffer.from(plaintext).toString())?.mode).toBe('test');
      expect(judged.command.result).toEqual({ key_id: expect.anything(), secret_hint: expect.anything() });
    });

    it.each([
      ['no reply key', {}],
      [
        'nowhere to reply to',
        {
          replyTo: undefined,
          replyKey: { kty: 'OKP', crv: 'X25519', x: 'hSDwCYkwp1R0i33ctD73Wg2_Og0mOBr066SpjqqbTmo' },
        },
      ],
      ['a key that nothing can be encrypted to', { replyKey: { kty: 'OKP', crv: 'X25519', x: 'A'.repeat(43) } }],
    ] as const)('and rejects what names %s', async (_what, change) => {
      const b = new Bench();
      expect(await b.codeOf(await b.event({ ...issuing, ...change }))).toBe('reply_key_missing');
    });
  });

  it.each(['64.waiting', '-1.waiting', 'waiting', `1.${'w'.repeat(65)}`])(
    'has nobody to reply to at %s',
    async (replyTo) => {
      const b = new Bench();
      const judged = await b.judge(await b.event({ replyTo }));
      expect(judged).toMatchObject({ requester: { replyTo: null }, rejected: { code: 'command_field_invalid' } });
    },
  );

  it('does not judge while it cannot know the keys', async () => {
    const b = new Bench();
    const event = await b.event();
    b.behind = true;
    await expect(b.judge(event)).rejects.toMatchObject({ code: 'key_registry_behind', retryable: true });
  });
});

/** Builds what a library that lets the token choose its algorithm would accept. */
function hmacWithPublicKey(signed: string): string {
  return createHmac('sha256', Buffer.from(client.publicKey, 'base64url')).update(signed).digest('base64url');
}
