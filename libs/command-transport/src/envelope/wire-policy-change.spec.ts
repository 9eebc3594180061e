import { describe, expect, it } from '@jest/globals';
import { compileWriter } from '@ringfence/event-catalog/shape-codec';
import { exampleAccountId, exampleKeyId, exampleKeyIssued, sealedExample } from '@ringfence/testing/examples';
import { epochMs, micros } from '@ringfence/kernel/units';
import type { KeyPolicy } from '@ringfence/domain/keys/key-policy';
import { keyPolicyCodec } from '@ringfence/event-catalog/key-fields';
import type { JsonObject } from '@ringfence/kernel/json';
import { policyChangeToWire } from '@ringfence/commands/keys/wire-policy-change';
import { toWire, fromWire, wireCommandCodec } from './command-codec.js';

const of = { type: 'ChangeKeyPolicy', accountId: exampleAccountId, keyId: exampleKeyId } as const;
const full: KeyPolicy = {
  ...exampleKeyIssued().policy,
  dailySpendMicrosMax: micros(5_000_000n),
  destinationPrefixes: ['49'],
  callerNumbers: [sealedExample('+14155550100')],
  sourceCidrs: ['192.0.2.0/24'],
  expiresAtMs: epochMs(4_000_000_000_000),
};
const ofVersion = (version: number) => `ringfence.wish.change_key_policy.v${String(version)}`;

describe('a change of a policy on the topic', () => {
  it.each([
    ['nothing', {}],
    ['one field', { linesMax: 3 }],
    ['that bounds are gone', { dailySpendMicrosMax: null, callerNumbers: null, expiresAtMs: null }],
    ['every field', full],
  ])('says %s, and is read as that', (_what, change) => {
    const onTopic = toWire({ ...of, change });
    const read = wireCommandCodec.read(wireCommandCodec.ceTypeOf(onTopic), JSON.parse(wireCommandCodec.write(onTopic)));
    expect(fromWire(read, [])).toEqual({ ...of, change });
  });

  it('that is a whole policy, as the release before wrote it, is one of every field', () => {
    const { callsMax: _calls, minutesMax: _minutes, spendMicrosMax: _spend, ...before } = full;
    const {
      callsMax: _c,
      minutesMax: _m,
      spendMicrosMax: _s,
      ...policy
    } = JSON.parse(compileWriter(keyPolicyCodec.shape, 'policy')(full)) as JsonObject;
    const { type: _, ...ids } = of;
    const read = wireCommandCodec.read(ofVersion(1), { ...ids, policy, policyHash: '0'.repeat(64) });
    expect(fromWire(read, [])).toEqual({ ...of, change: before });
  });

  it('that knew no life-long caps leaves them as they are', () => {
    const { type: _, ...ids } = of;
    const { callsMax: _c, minutesMax: _m, spendMicrosMax: _s, ...change } = policyChangeToWire({ linesMax: 3 });
    const read = wireCommandCodec.read(ofVersion(2), { ...ids, change });
    expect(fromWire(read, [])).toEqual({ ...of, change: { linesMax: 3 } });
  });

  it('in another form is refused, never read as something else', () => {
    const { type: _, ...ids } = of;
    const change = JSON.parse(wireCommandCodec.write(toWire({ ...of, change: {} }))) as { readonly change: object };
    expect(() => wireCommandCodec.read(ofVersion(4), { ...ids, ...change })).toThrow(/version 3|newer/);
    expect(() => wireCommandCodec.read(ofVersion(3), { ...ids, policy: {}, policyHash: '0'.repeat(64) })).toThrow();
    expect(() => wireCommandCodec.read(ofVersion(3), { ...ids, change: { linesMax: { to: 1 } } })).toThrow(/change/);
    expect(() => wireCommandCodec.read(ofVersion(1), { ...ids, policy: 'all', policyHash: '0'.repeat(64) })).toThrow(
      /change/,
    );
    const odd = { ...change.change, linesMax: { to: 1, from: 2 } };
    expect(() => wireCommandCodec.read(ofVersion(3), { ...ids, change: odd })).toThrow(/linesMax/);
  });
});
