import { describe, expect, it } from '@jest/globals';
import type { DomainEvent } from '@ringfence/domain/domain-event';
import type { KeyPolicy } from '@ringfence/domain/keys/key-policy';
import type { Mode } from '@ringfence/domain/shared/values';
import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import type { Timers } from '@ringfence/kernel/timers';
import { addDuration, durationMs, epochMs, position, type Position, streamVersion } from '@ringfence/kernel/units';
import { exampleEvents } from '@ringfence/testing/example-events';
import { exampleKeyIssued, exampleSigningKeyRegistered, nine } from '@ringfence/testing/examples';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import { randomBytes } from 'node:crypto';
import { KeyRing } from '@ringfence/runtime/key-ring';
import { KeyRegistry, registryStaleAfterMs } from './key-registry.js';
import { mintSecret, type ParsedSecret } from './key-secret.js';
import { SecretHasher } from './secret-hasher.js';

const pepper = `new:${randomBytes(32).toString('base64')}`;
const oldPepper = `old:${randomBytes(32).toString('base64')}`;
const hasher = new SecretHasher(KeyRing.parse(pepper, 'P'));
const request = { nowMs: nine, sourceIp: '127.0.0.1' };
const later = (ms: number) => addDuration(nine, durationMs(ms));

/** A registry, the log that it follows, and shortcuts for what a test does with both. */
class Scene {
  readonly ids = new PredictableIds();
  readonly log: RecordedEnvelope[] = [];
  headReads = 0;
  head: () => Promise<Position> = () => Promise.resolve(position(this.log.length));
  readonly registry: KeyRegistry;

  constructor(ownHasher = hasher, timers?: Timers) {
    const head = () => {
      this.headReads += 1;
      return this.head();
    };
    this.registry = new KeyRegistry(ownHasher, head, timers);
  }

  issue(policy: Partial<KeyPolicy> = {}, mode: Mode = 'test', by = hasher) {
    const secret = mintSecret(mode);
    const issued = { ...exampleKeyIssued(policy, this.ids.keyId()), mode, digest: by.digestOf(secret) };
    this.append(issued);
    return { secret, issued };
  }

  append(data: DomainEvent, decidedAtMs = nine): void {
    const at = this.log.length;
    this.log.push({
      id: this.ids.eventId(),
      logId: this.ids.logId(),
      stream: this.ids.accountId(),
      version: streamVersion(1),
      position: position(at),
      subject: 'x',
      decidedAtMs,
      commandId: this.ids.commandId(),
      mode: 'test',
      issuedBy: { kind: 'operator', id: 'bootstrap', version: 0 },
      onBehalfOf: null,
      presentedKeyId: null,
      traceparent: null,
      prevHash: '',
      salt: '',
      data,
    });
  }

  /** The registry sees the whole log, and that it has ended. */
  catchUp(atMs = nine): this {
    this.registry.apply(this.log.slice(this.registry.nextPosition), atMs);
    this.registry.apply([], atMs);
    return this;
  }

  check(secret: ParsedSecret | string | undefined, atMs = nine, sourceIp = '127.0.0.1'): string {
    const presented = typeof secret === 'object' ? secret.text : secret;
    const found = this.registry.check(presented, { nowMs: atMs, sourceIp });
    return found.ok ? found.entry.keyId : found.code;
  }
}

describe('a key', () => {
  it('is admitted once its issue has been seen, and names itself, its policy and its version', () => {
    const scene = new Scene();
    const { secret, issued } = scene.issue();
    scene.catchUp();
    expect(scene.registry.check(secret.text, { nowMs: nine, sourceIp: '127.0.0.1' })).toMatchObject({
      ok: true,
      entry: {
        keyId: issued.keyId,
        accountId: issued.accountId,
        keyVersion: 1,
        policyHash: issued.policyHash,
        policy: issued.policy,
      },
    });
  });

  it.each([
    ['nothing', undefined, 'missing'],
    ['an empty text', '', 'missing'],
    ['a text that is no secret', 'password', 'malformed'],
    ['a well-formed secret that nobody was given', mintSecret('test').text, 'unknown'],
  ])('does not open it for %s', (_what, presented, code) => {
    const scene = new Scene();
    scene.issue();
    expect(scene.catchUp().check(presented)).toBe(code);
  });

  it('is reported when it is revoked, after its batch, to those who listen still', () => {
    const scene = new Scene();
    const { secret, issued } = scene.issue();
    const heard: string[] = [];
    const stop = scene.registry.onRevocation(() => heard.push(scene.check(secret)));
    scene.catchUp();
    expect(heard).toEqual([]);
    const revoke = (keyVersion: number) => {
      const { keyId } = issued;
      scene.append({ type: 'KeyRevoked', keyId, reason: 'leaked', onRevoke: 'hangup', keyVersion, revokedAtMs: nine });
      scene.catchUp();
    };
    revoke(2);
    scene.issue();
    scene.catchUp();
    expect(heard).toEqual(['revoked']);
    stop();
    revoke(3);
    expect(heard).toEqual(['revoked']);
  });

  it('is revoked from the batch on that says so', () => {
    const scene = new Scene();
    const { secret, issued } = scene.issue();
    expect(scene.catchUp().check(secret)).toBe(issued.keyId);
    scene.append({
      type: 'KeyRevoked',
      keyId: issued.keyId,
      reason: 'leaked',
      onRevoke: 'hangup',
      keyVersion: 2,
      revokedAtMs: nine,
    });
    scene.catchUp();
    expect(scene.registry.check(secret.text, { nowMs: nine, sourceIp: '::1' })).toEqual({
      ok: false,
      code: 'revoked',
      keyId: issued.keyId,
    });
  });

  it('expires at its moment, not one millisecond later', () => {
    const scene = new Scene();
    const { secret, issued } = scene.issue({ expiresAtMs: later(1_000) });
    scene.catchUp();
    expect([scene.check(secret, later(999)), scene.check(secret, later(1_000))]).toEqual([issued.keyId, 'expired']);
  });

  it('opens from the ranges of its policy only', () => {
    const scene = new Scene();
    const { secret, issued } = scene.issue({ sourceCidrs: ['192.0.2.0/24'] });
    scene.catchUp();
    expect(['192.0.2.9', '::ffff:192.0.2.9', '198.51.100.1', 'x'].map((ip) => scene.check(secret, nine, ip))).toEqual([
      issued.keyId,
      issued.keyId,
      'source_not_allowed',
      'source_not_allowed',
    ]);
  });

  it('follows changes of its policy', () => {
    const scene = new Scene();
    const { secret, issued } = scene.issue();
    const policy = { ...issued.policy, sourceCidrs: ['192.0.2.0/24'] };
    scene.append({
      type: 'KeyPolicyChanged',
      keyId: issued.keyId,
      policy,
      policyHash: 'f'.repeat(64),
      keyVersion: 2,
      changedAtMs: nine,
    });
    scene.catchUp();
    expect(scene.check(secret)).toBe('source_not_allowed');
    expect(scene.registry.find(issued.keyId)).toMatchObject({ keyVersion: 2, policyHash: 'f'.repeat(64) });
  });
});

describe('a rotation', () => {
  function rotated(policy: Partial<KeyPolicy> = {}) {
    const scene = new Scene();
    const { secret: old, issued } = scene.issue(policy);
    const fresh = mintSecret('test');
    scene.append({
      type: 'KeyRotated',
      keyId: issued.keyId,
      digest: hasher.digestOf(fresh),
      secretHint: 'abcd',
      overlapUntilMs: later(500),
      previousDigest: issued.digest,
      keyVersion: 2,
      rotatedAtMs: nine,
    });
    return { scene: scene.catchUp(), old, fresh, keyId: issued.keyId };
  }

  it('lets both secrets in until the overlap ends, then the new one alone', () => {
    const { scene, old, fresh, keyId } = rotated();
    expect([scene.check(old, later(499)), scene.check(fresh, later(499))]).toEqual([keyId, keyId]);
    expect([scene.check(old, later(500)), scene.check(fresh, later(500))]).toEqual(['expired', keyId]);
    scene.append({ type: 'KeyOverlapEnded', keyId, endedAtMs: later(500) });
    expect([scene.catchUp().check(old), scene.check(fresh)]).toEqual(['unknown', keyId]);
  });

  it('does not extend the key’s own expiry', () => {
    const { scene, old, fresh } = rotated({ expiresAtMs: later(100) });
    expect([scene.check(old, later(100)), scene.check(fresh, later(100))]).toEqual(['expired', 'expired']);
  });

  it('ends with a revocation for both secrets', () => {
    const { scene, old, fresh, keyId } = rotated();
    scene.append({ type: 'KeyRevoked', keyId, reason: 'leaked', onRevoke: 'hangup', keyVersion: 3, revokedAtMs: nine });
    expect([scene.catchUp().check(old), scene.check(fresh)]).toEqual(['revoked', 'revoked']);
  });

  it('of the pepper keeps keys good that were issued under the old one', () => {
    const before = new SecretHasher(KeyRing.parse(oldPepper, 'P'));
    const scene = new Scene(new SecretHasher(KeyRing.parse(`${pepper},${oldPepper}`, 'P')));
    const { secret, issued } = scene.issue({}, 'live', before);
    expect(scene.catchUp().check(secret)).toBe(issued.keyId);
  });
});

describe('a registry', () => {
  it('admits nobody before it has seen the end of the log, nor when that is too long ago', () => {
    const scene = new Scene();
    const { secret, issued } = scene.issue();
    expect(scene.check(secret)).toBe('registry_stale');
    scene.catchUp();
    expect(scene.check(secret, later(registryStaleAfterMs))).toBe(issued.keyId);
    expect(scene.check(secret, later(registryStaleAfterMs + 1))).toBe('registry_stale');
    scene.catchUp(later(9_000));
    expect(scene.check(secret, later(9_000))).toBe(issued.keyId);
  });

  it('admits a known key while it is not fresh once it has seen what the log held at the request, as after a suspension', async () => {
    const scene = new Scene();
    const { secret, issued } = scene.issue();
    scene.catchUp();
    const afterSuspension = { ...request, nowMs: later(60_000) };
    expect(await scene.registry.authenticate(secret.text, afterSuspension)).toMatchObject({
      ok: true,
      entry: { keyId: issued.keyId },
    });
    expect(scene.headReads).toBe(1);
  });

  it('admits nobody while it is not fresh and an event that may revoke the key is unseen', async () => {
    const scene = new Scene();
    const { secret } = scene.issue();
    scene.catchUp();
    scene.head = () => Promise.resolve(position(2));
    const afterSuspension = { ...request, nowMs: later(60_000) };
    expect(await scene.registry.authenticate(secret.text, afterSuspension)).toMatchObject({ code: 'registry_stale' });
  });

  it('makes a revoked, an expired and an unknown key wait for the same look at the log, so that the time of an answer reveals no more than the answer', async () => {
    const scene = new Scene();
    const [revoked, expired] = [scene.issue(), scene.issue({ expiresAtMs: nine })];
    const { keyId } = revoked.issued;
    scene.append({ type: 'KeyRevoked', keyId, reason: 'leaked', onRevoke: 'hangup', keyVersion: 2, revokedAtMs: nine });
    scene.catchUp();
    for (const [secret, code] of [
      [revoked.secret, 'revoked'],
      [expired.secret, 'expired'],
      [mintSecret('test'), 'unknown'],
    ] as const) {
      const before = scene.headReads;
      const found = await scene.registry.authenticate(secret.text, { nowMs: nine, sourceIp: '' });
      expect([found, scene.headReads - before]).toMatchObject([{ ok: false, code }, 1]);
    }
  });

  it('is as fresh as the last decision it has seen while the log never pauses, and not as the moment it saw it', () => {
    const scene = new Scene();
    const { secret } = scene.issue();
    scene.registry.apply(scene.log, later(60_000));
    expect(scene.registry.freshAtMs).toBe(nine);
    expect(scene.check(secret, later(60_000))).toBe('registry_stale');
  });

  it('is never fresher than the moment that a heartbeat states, whatever a clock elsewhere says', () => {
    const scene = new Scene();
    scene.append(exampleKeyIssued(), later(60_000));
    scene.registry.apply(scene.log, nine);
    expect(scene.registry.freshAtMs).toBe(nine);
  });

  it('counts an event once that is delivered twice, and takes no gap', () => {
    const scene = new Scene();
    const { secret, issued } = scene.issue();
    scene.append({
      type: 'KeyRevoked',
      keyId: issued.keyId,
      reason: 'leaked',
      onRevoke: 'hangup',
      keyVersion: 2,
      revokedAtMs: nine,
    });
    scene.catchUp();
    scene.registry.apply(scene.log, nine);
    expect(scene.check(secret)).toBe('revoked');
    scene.issue();
    scene.issue();
    expect(() => {
      scene.registry.apply(scene.log.slice(3), nine);
    }).toThrow('without a gap');
  });

  it('starts from entries as it would from the events themselves', () => {
    const scene = new Scene();
    const { secret, issued } = scene.issue();
    scene.catchUp();
    const entry = scene.registry.find(issued.keyId);
    const fresh = new Scene();
    fresh.registry.loadFrom(entry === undefined ? [] : [entry], position(1));
    expect(fresh.check(secret)).toBe('registry_stale');
    fresh.registry.apply([], nine);
    expect(fresh.check(secret)).toBe(issued.keyId);
    expect(fresh.registry.nextPosition).toBe(1);
  });
});

describe('a signing key', () => {
  const registered = exampleSigningKeyRegistered();
  const { keyId, accountId, publicKey } = registered;
  const found = { publicKey, home: 'account', accountId, mode: 'test' };

  it('is found by its id, with whose it is', async () => {
    const scene = new Scene();
    scene.append(registered);
    const ofOperators = { ...registered, keyId: new PredictableIds(90).keyId(), accountId: null };
    scene.append(ofOperators);
    scene.catchUp();
    expect(await scene.registry.signingKey(keyId)).toEqual(found);
    expect(await scene.registry.signingKey(ofOperators.keyId)).toEqual({
      publicKey,
      home: 'platform',
      accountId: null,
      mode: null,
    });
    expect(scene.headReads).toBe(0);
  });

  it('is found though it be revoked, changed or expired, and the registry stale: its public key is what it always was', async () => {
    const scene = new Scene();
    scene.append(exampleSigningKeyRegistered({ expiresAtMs: nine }));
    scene.append({ ...exampleEvents.KeyPolicyChanged, keyId });
    scene.append({ ...exampleEvents.KeyRevoked, keyId });
    scene.registry.apply(scene.log, nine);
    expect(scene.registry.find(keyId)).toMatchObject({ keyVersion: 4, state: { status: 'revoked' } });
    expect(await scene.registry.signingKey(keyId)).toEqual(found);
  });

  it('is no bearer secret: neither its public half nor its id is admitted', () => {
    const scene = new Scene();
    scene.append(registered);
    scene.catchUp();
    expect([publicKey, keyId].map((presented) => scene.check(presented))).toEqual(['malformed', 'malformed']);
    expect(scene.check(mintSecret('test'))).toBe('unknown');
  });

  it('is none that has a secret, nor any that nobody knows', async () => {
    const scene = new Scene();
    const { issued } = scene.issue();
    scene.catchUp();
    expect(await scene.registry.signingKey(issued.keyId)).toBeUndefined();
    expect(scene.headReads).toBe(0);
    expect(await scene.registry.signingKey(keyId)).toBeUndefined();
    expect(scene.headReads).toBe(1);
  });

  it('that is not known waits until what was in the log has been seen', async () => {
    const scene = new Scene().catchUp();
    scene.append(registered);
    const answer = scene.registry.signingKey(keyId);
    setImmediate(() => scene.catchUp());
    expect(await answer).toEqual(found);
  });

  it('is not said to be unknown by a registry that is behind or cannot ask: the command has to come again', async () => {
    const scene = new Scene().catchUp();
    scene.issue();
    await expect(scene.registry.signingKey(keyId)).rejects.toMatchObject({
      code: 'key_registry_behind',
      retryable: true,
    });
    scene.head = () => Promise.reject(new Error('the log is away'));
    await expect(scene.registry.signingKey(keyId)).rejects.toMatchObject({
      code: 'key_registry_behind',
      retryable: true,
    });
  });
});

describe('an unknown key', () => {
  it('waits until what was in the log when it came has been seen', async () => {
    const scene = new Scene().catchUp();
    const { secret, issued } = scene.issue();
    const answer = scene.registry.authenticate(secret.text, request);
    setImmediate(() => scene.catchUp());
    expect(await answer).toMatchObject({ ok: true, entry: { keyId: issued.keyId } });
  });

  it('waits for one catch-up together with a thousand others', async () => {
    const scene = new Scene().catchUp();
    scene.issue();
    const answers = Array.from({ length: 1_000 }, () => scene.registry.authenticate(mintSecret('test').text, request));
    setImmediate(() => scene.catchUp());
    const codes = (await Promise.all(answers)).map((answer) => (answer.ok ? 'ok' : answer.code));
    expect(new Set(codes)).toEqual(new Set(['unknown']));
    expect(scene.headReads).toBeLessThanOrEqual(2);
  });

  it('that came after a question for the head was asked waits for the answer to the next', async () => {
    const scene = new Scene().catchUp();
    const answers: ((head: Position) => void)[] = [];
    scene.head = () => new Promise((resolve) => answers.push(resolve));
    const first = scene.registry.authenticate(mintSecret('test').text, request);
    const { secret, issued } = scene.issue();
    const second = scene.registry.authenticate(secret.text, request);
    answers[0]?.(position(0));
    expect(await first).toMatchObject({ code: 'unknown' });
    await new Promise(setImmediate);
    answers[1]?.(position(1));
    setImmediate(() => scene.catchUp());
    expect(await second).toMatchObject({ ok: true, entry: { keyId: issued.keyId } });
  });

  it('is judged by the moment at which its waiting ends: the process may have been stopped meanwhile', async () => {
    let nowMs = 0;
    const timers: Timers = { monotonicMs: () => nowMs, after: () => () => undefined, soon: setImmediate };
    const scene = new Scene(hasher, timers).catchUp();
    const { secret } = scene.issue();
    const answer = scene.registry.authenticate(secret.text, request);
    setImmediate(() => {
      nowMs += registryStaleAfterMs + 1;
      scene.catchUp();
    });
    expect(await answer).toMatchObject({ code: 'registry_stale' });
  });

  it('learns after a quarter of a second that the registry is behind, for what it has not seen may have issued it', async () => {
    const scene = new Scene().catchUp();
    const { secret } = scene.issue();
    const began = performance.now();
    expect(await scene.registry.authenticate(secret.text, request)).toMatchObject({ code: 'registry_stale' });
    expect(performance.now() - began).toBeGreaterThan(200);
  });

  it('learns that the registry is behind when the log does not answer', async () => {
    const scene = new Scene().catchUp();
    scene.head = () => Promise.reject(new Error('down'));
    expect(await scene.registry.authenticate(mintSecret('test').text, request)).toMatchObject({
      code: 'registry_stale',
    });
  });

  it('is not waited for when it is malformed', async () => {
    const scene = new Scene().catchUp();
    expect(await scene.registry.authenticate('rf_test_x', { ...request, nowMs: epochMs(0) })).toMatchObject({
      code: 'malformed',
    });
    expect(scene.headReads).toBe(0);
  });
});
