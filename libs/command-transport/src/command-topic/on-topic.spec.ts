import { describe, expect, it } from '@jest/globals';
import type { KeyPolicy } from '@ringfence/domain/keys/key-policy';
import { isRecord } from '@ringfence/event-catalog/shape-codec';
import { micros } from '@ringfence/kernel/units';
import {
  exampleAccountId,
  exampleKeyIssued,
  exampleOpened,
  exampleSigningKeyRegistered,
} from '@ringfence/testing/examples';
import { createHash } from 'node:crypto';
import { policyHashOf } from '@ringfence/event-catalog/policy-hash';
import type { CommandPayload } from '@ringfence/commands/command-dispatcher';
import { toWire, fromWire, onTopic, wireCommandCodec } from '../envelope/command-codec.js';

const { keyId, policy: examplePolicy, label, digest, secretHint } = exampleKeyIssued();
const { publicKey } = exampleSigningKeyRegistered();
const ofKey = { accountId: exampleAccountId, keyId } as const;
const uncapped: KeyPolicy = { ...examplePolicy, callsMax: null, minutesMax: null, spendMicrosMax: null };
const capped = [{ callsMax: 3 }, { minutesMax: 3 }, { spendMicrosMax: micros(3n) }];
const capNames = ['callsMax', 'minutesMax', 'spendMicrosMax'];

const issuing = (policy: KeyPolicy): CommandPayload => ({
  type: 'IssueKey',
  ...ofKey,
  mode: 'test',
  label,
  digest,
  secretHint,
  policy,
  policyHash: policyHashOf(policy),
});
const registering = (policy: KeyPolicy): CommandPayload => ({
  type: 'RegisterSigningKey',
  ...ofKey,
  mode: 'test',
  label,
  publicKey,
  policy,
  policyHash: policyHashOf(policy),
});
const changing = (change: Partial<KeyPolicy>): CommandPayload => ({ type: 'ChangeKeyPolicy', ...ofKey, change });

/** The versions that the release before reads. */
const before = { IssueKey: 1, RegisterSigningKey: 1, ChangeKeyPolicy: 2 } as const;
const payloads = [
  ['IssueKey', issuing(uncapped), capped.map((caps) => issuing({ ...uncapped, ...caps }))],
  ['RegisterSigningKey', registering(uncapped), capped.map((caps) => registering({ ...uncapped, ...caps }))],
  ['ChangeKeyPolicy', changing({ linesMax: 3 }), capped.map((caps) => changing(caps))],
] as const;

function shown(payload: CommandPayload) {
  const { ceType, json } = onTopic(toWire(payload));
  return { version: Number(/\d+$/.exec(ceType)?.[0]), ceType, json: JSON.parse(json) as Record<string, unknown> };
}

describe.each(payloads)('%s on the topic', (type, plain, novel) => {
  it('goes in the version of the release before where it says nothing new, and is read as it was meant', () => {
    const { version, ceType, json } = shown(plain);
    expect(version).toBe(before[type]);
    const fields = json['policy'] ?? json['change'];
    expect(isRecord(fields) && capNames.filter((name) => name in fields)).toEqual([]);
    expect(fromWire(wireCommandCodec.read(ceType, json), [])).toEqual(plain);
  });

  it.each(novel.map((payload, at) => [capNames[at], payload] as const))(
    'goes in the newest where it names %s',
    (_cap, payload) => {
      const { version, ceType, json } = shown(payload);
      expect(version).toBe(before[type] + 1);
      expect(fromWire(wireCommandCodec.read(ceType, json), [])).toEqual(payload);
    },
  );
});

it.each([
  ['IssueKey', issuing({ ...uncapped, scopes: ['calls:write', 'apps:write'] })],
  ['RegisterSigningKey', registering({ ...uncapped, scopes: ['apps:read'] })],
  ['ChangeKeyPolicy', changing({ scopes: ['apps:read'] })],
] as const)(
  '%s goes in the newest version where it names a scope that the release before does not know',
  (type, of) => {
    const { version, ceType, json } = shown(of);
    expect(version).toBe(before[type] + 1);
    expect(fromWire(wireCommandCodec.read(ceType, json), [])).toEqual(of);
  },
);

it('the hash of a policy is of the form in which the reader has it', () => {
  const { json } = shown(issuing(uncapped));
  const {
    callsMax: _c,
    minutesMax: _m,
    spendMicrosMax: _s,
    ...form
  } = JSON.parse(JSON.stringify(json['policy'])) as Record<string, unknown>;
  const text = JSON.stringify(
    Object.fromEntries(Object.entries(form).sort(([left], [right]) => (left < right ? -1 : 1))),
  );
  expect(json['policyHash']).toBe(createHash('sha256').update(text).digest('hex'));
  expect(json['policyHash']).not.toBe(policyHashOf(uncapped));
});

it('an account is opened in the version of the release before where its zone is read by all alike', () => {
  const { accountId, name, currency, region, timeZone } = exampleOpened;
  const opening = (zoneDisputed: boolean): CommandPayload => ({
    type: 'OpenAccount',
    accountId,
    name,
    currency,
    region,
    timeZone,
    zoneDisputed,
  });
  for (const zoneDisputed of [false, true]) {
    const { version, ceType, json } = shown(opening(zoneDisputed));
    expect([version, json['zoneDisputed']]).toEqual(zoneDisputed ? [2, true] : [1, undefined]);
    expect(fromWire(wireCommandCodec.read(ceType, json), [])).toEqual(opening(zoneDisputed));
  }
});
