import { describe, expect, it } from '@jest/globals';
import type { KeyIssued } from '@ringfence/domain/keys/key.events';
import { addDuration, durationMs, type EpochMs, position } from '@ringfence/kernel/units';
import { exampleKeyId, exampleKeyIssued, nine } from '@ringfence/testing/examples';
import { randomBytes } from 'node:crypto';
import { KeyRegistry } from './key-registry.js';
import { KeyRing } from '@ringfence/runtime/key-ring';
import { mintSecret, type ParsedSecret } from './key-secret.js';
import { keysHanging } from './pepper-use.js';
import { type RenewedDigest, RenewedDigests } from './renewed-digests.js';
import { SecretHasher } from './secret-hasher.js';

const texts = new Map(['p1', 'p2', 'p3'].map((id) => [id, `${id}:${randomBytes(32).toString('base64')}`]));
const ring = (...ids: readonly string[]) => KeyRing.parse(ids.map((id) => texts.get(id) ?? '').join(), 'the ring');

/** The renewals that all processes share. */
class Kept {
  readonly all: RenewedDigest[] = [];
  fails = 0;
  record(renewed: RenewedDigest): Promise<void> {
    if (this.fails > 0) {
      this.fails -= 1;
      return Promise.reject(new Error('the vault is away'));
    }
    this.all.push(renewed);
    return Promise.resolve();
  }
}

/** A gateway's memory of one key that was issued under `p1`, with a ring of its own. */
function gateway(kept: Kept, secret: ParsedSecret, ids: readonly string[], issued: Partial<KeyIssued['policy']> = {}) {
  const failures: unknown[] = [];
  const renewals = new RenewedDigests([...kept.all], kept, (failure) => failures.push(failure));
  const registry = new KeyRegistry(new SecretHasher(ring(...ids), renewals), () => Promise.resolve(position(0)));
  const { policy, ...event } = exampleKeyIssued({ ...issued });
  const digest = new SecretHasher(ring('p1')).digestOf(secret);
  registry.loadFrom(
    [
      {
        ...event,
        policy,
        keyId: exampleKeyId,
        mode: 'test',
        keyVersion: 1,
        credential: { kind: 'secret', digest, previous: null },
        state: { status: 'active' },
      },
    ],
    position(0),
  );
  registry.apply([], nine);
  const show = (nowMs: EpochMs = nine) => registry.check(secret.text, { nowMs, sourceIp: '127.0.0.1' });
  const hanging = (left: readonly string[], nowMs: EpochMs = nine) =>
    [...keysHanging(registry.lines(), renewals, new Set(left), nowMs)].map(({ pepperIds }) => pepperIds);
  return { show, hanging, failures };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('a key whose digest is under an older pepper', () => {
  it('is digested again when it is used, once, and then recognised by the current pepper alone', async () => {
    const [kept, secret] = [new Kept(), mintSecret('test')];
    expect(gateway(kept, secret, ['p2']).show()).toMatchObject({ ok: false, code: 'unknown' });
    const both = gateway(kept, secret, ['p2', 'p1']);
    expect(both.hanging(['p2'])).toEqual([['p1']]);
    for (let shown = 0; shown < 3; shown += 1) {
      expect(both.show()).toMatchObject({ ok: true, entry: { keyId: exampleKeyId } });
      await settled();
    }
    expect(kept.all).toHaveLength(1);
    expect(both.hanging(['p2'])).toEqual([]);
    expect(gateway(kept, secret, ['p2']).show()).toMatchObject({ ok: true, entry: { keyId: exampleKeyId } });
  });

  it('is carried over any number of peppers, always from the digest that the log keeps', async () => {
    const [kept, secret] = [new Kept(), mintSecret('test')];
    gateway(kept, secret, ['p2', 'p1']).show();
    await settled();
    expect(gateway(kept, secret, ['p3', 'p2']).show().ok).toBe(true);
    await settled();
    expect(kept.all.map(({ logged, renewed }) => [logged.pepperId, renewed.pepperId])).toEqual([
      ['p1', 'p2'],
      ['p1', 'p3'],
    ]);
    expect(gateway(kept, secret, ['p3']).show().ok).toBe(true);
  });

  it('hangs on its pepper until it is shown, unless it has expired', () => {
    const expiresAtMs = addDuration(nine, durationMs(1_000));
    const { hanging } = gateway(new Kept(), mintSecret('test'), ['p2', 'p1'], { expiresAtMs });
    expect(hanging(['p2'])).toEqual([['p1']]);
    expect(hanging(['p2', 'p1'])).toEqual([]);
    expect(hanging(['p2'], expiresAtMs)).toEqual([]);
  });

  it('is not digested again for a request that is rejected', async () => {
    const [kept, secret] = [new Kept(), mintSecret('test')];
    const expiresAtMs = addDuration(nine, durationMs(1_000));
    expect(gateway(kept, secret, ['p2', 'p1'], { expiresAtMs }).show(expiresAtMs).ok).toBe(false);
    const other = mintSecret('test');
    expect(gateway(kept, other, ['p2', 'p1']).show().ok).toBe(true);
    await settled();
    expect(kept.all).toHaveLength(1);
  });

  it('lets its caller in while the vault is away, and is tried again the next time', async () => {
    const [kept, secret] = [new Kept(), mintSecret('test')];
    kept.fails = 1;
    const both = gateway(kept, secret, ['p2', 'p1']);
    expect(both.show().ok).toBe(true);
    await settled();
    expect(both.failures).toHaveLength(1);
    expect(kept.all).toEqual([]);
    expect(both.show().ok).toBe(true);
    await settled();
    expect(kept.all).toHaveLength(1);
  });
});
