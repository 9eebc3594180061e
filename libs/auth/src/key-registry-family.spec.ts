import { describe, expect, it } from '@jest/globals';
import type { DomainEvent } from '@ringfence/domain/domain-event';
import type { KeyPolicy } from '@ringfence/domain/keys/key-policy';
import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import type { KeyId } from '@ringfence/kernel/ids';
import { addDuration, durationMs, type EpochMs, position } from '@ringfence/kernel/units';
import { exampleKeyIssued, examplePolicy, nine } from '@ringfence/testing/examples';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import { randomBytes } from 'node:crypto';
import { KeyRing } from '@ringfence/runtime/key-ring';
import type { KeyEntry } from './key-entry.js';
import { KeyRegistry } from './key-registry.js';
import { mintSecret } from './key-secret.js';
import { SecretHasher } from './secret-hasher.js';

const hasher = new SecretHasher(KeyRing.parse(`new:${randomBytes(32).toString('base64')}`, 'P'));
const later = (ms: number) => addDuration(nine, durationMs(ms));
const at = { decidedAtMs: nine } as RecordedEnvelope;

/** A registry that follows a head, its child and so on, as many as there are policies. */
class Line {
  readonly registry = new KeyRegistry(hasher, () => Promise.resolve(position(0)));
  readonly keys: { readonly keyId: KeyId; readonly secret: string }[] = [];
  #applied = 0;

  constructor(...policies: readonly Partial<KeyPolicy>[]) {
    const ids = new PredictableIds();
    for (const policy of policies) {
      const secret = mintSecret('test');
      const keyId = ids.keyId();
      const parentKeyId = this.keys.at(-1)?.keyId ?? null;
      this.apply({ ...exampleKeyIssued(policy, keyId), parentKeyId, digest: hasher.digestOf(secret) });
      this.keys.push({ keyId, secret: secret.text });
    }
  }

  apply(data: DomainEvent): void {
    this.registry.apply([{ ...at, position: position(this.#applied), data }], nine);
    this.registry.apply([], nine);
    this.#applied += 1;
  }

  revoke(index: number): void {
    const keyId = this.#key(index).keyId;
    this.apply({ type: 'KeyRevoked', keyId, reason: 'leaked', onRevoke: 'drain', keyVersion: 2, revokedAtMs: nine });
  }

  rotate(index: number): void {
    const of = { type: 'KeyRotated', keyId: this.#key(index).keyId, secretHint: 'a1B2', keyVersion: 2 } as const;
    const [digest, previousDigest] = [hasher.digestOf(mintSecret('test')), hasher.digestOf(mintSecret('test'))];
    this.apply({ ...of, digest, previousDigest, overlapUntilMs: nine, rotatedAtMs: nine });
  }

  change(index: number, policy: Partial<KeyPolicy>): void {
    const of = { keyId: this.#key(index).keyId, policyHash: 'cd'.repeat(32), keyVersion: 2, changedAtMs: nine };
    this.apply({ type: 'KeyPolicyChanged', ...of, policy: { ...examplePolicy, ...policy } });
  }

  /** Authenticates each of them. */
  checkAll(nowMs: EpochMs = nine, sourceIp = '192.0.2.1'): readonly string[] {
    return this.keys.map(({ secret }) => {
      const found = this.registry.check(secret, { nowMs, sourceIp });
      return found.ok ? 'open' : found.code;
    });
  }

  entry(index: number): KeyEntry {
    const entry = this.registry.find(this.#key(index).keyId);
    if (entry === undefined) throw new Error('it was issued');
    return entry;
  }

  #key(index: number) {
    const key = this.keys[index];
    if (key === undefined) throw new Error('there are not that many');
    return key;
  }
}

describe('authentication of a child key', () => {
  it('is shut out with any of its ancestors that is revoked, and no ancestor with it', () => {
    const line = new Line({}, {}, {}, {});
    expect(line.checkAll()).toEqual(['open', 'open', 'open', 'open']);
    line.revoke(3);
    expect(line.checkAll()).toEqual(['open', 'open', 'open', 'revoked']);
    line.revoke(1);
    expect(line.checkAll()).toEqual(['open', 'revoked', 'revoked', 'revoked']);
  });

  it('ends at the moment at which an ancestor expires', () => {
    const line = new Line({}, { expiresAtMs: later(1_000) }, {});
    expect(line.checkAll(later(999))).toEqual(['open', 'open', 'open']);
    expect(line.checkAll(later(1_000))).toEqual(['open', 'expired', 'expired']);
  });

  it('stays open when an ancestor is rotated', () => {
    const line = new Line({}, {});
    line.rotate(0);
    expect(line.checkAll()).toEqual(['unknown', 'open']);
  });

  it('has to come from an address that each of its line allows, as they are narrowed', () => {
    const line = new Line({ sourceCidrs: ['192.0.2.0/24'] }, { sourceCidrs: ['192.0.2.0/25'] }, {});
    expect(line.checkAll(nine, '192.0.2.200')).toEqual(['open', 'source_not_allowed', 'source_not_allowed']);
    expect(line.checkAll(nine, '198.51.100.1')).toEqual(Array(3).fill('source_not_allowed'));
    line.change(0, { sourceCidrs: ['198.51.100.0/24'] });
    expect(line.checkAll(nine, '192.0.2.1')).toEqual(Array(3).fill('source_not_allowed'));
  });

  it('has the scopes that each of its line has', () => {
    const line = new Line({ scopes: ['calls:read', 'keys:read'] }, { scopes: ['calls:read', 'billing:read'] });
    const held = (index: number) =>
      (['calls:read', 'keys:read', 'billing:read'] as const).filter((scope) =>
        line.registry.hasScope(line.entry(index), scope),
      );
    expect([held(0), held(1)]).toEqual([['calls:read', 'keys:read'], ['calls:read']]);
    line.change(0, { scopes: ['keys:read'] });
    expect(held(1)).toEqual([]);
  });

  it('is shut out when an ancestor is not known any more, for that was revoked long ago', () => {
    const line = new Line({}, {}, {});
    const fresh = new KeyRegistry(hasher, () => Promise.resolve(position(0)));
    fresh.loadFrom([line.entry(1), line.entry(2)], position(0));
    fresh.apply([], nine);
    const codes = line.keys.map(({ secret }) => fresh.check(secret, { nowMs: nine, sourceIp: '192.0.2.1' }));
    expect(codes.map((found) => (found.ok ? 'open' : found.code))).toEqual(['unknown', 'revoked', 'revoked']);
  });
});
