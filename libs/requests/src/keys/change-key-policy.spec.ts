import { describe, expect, it } from '@jest/globals';
import type { DomainEvent } from '@ringfence/domain/domain-event';
import type { KeyPolicy } from '@ringfence/domain/keys/key-policy';
import { MemoryEventStore, MemoryLog } from '@ringfence/event-store-memory/memory-event-store';
import type { KeyId } from '@ringfence/kernel/ids';
import { invariant } from '@ringfence/kernel/invariant';
import { position } from '@ringfence/kernel/units';
import type { CommandBody } from '@ringfence/wire/public-commands';
import {
  exampleDecks,
  exampleKeyId,
  exampleKeyIssued,
  exampleOpened,
  exampleRoutes,
  exampleSigningKeyId,
  exampleSigningKeyRegistered,
  nine,
} from '@ringfence/testing/examples';
import { FakeClock } from '@ringfence/testing/fake-clock';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import { KeyRing } from '@ringfence/runtime/key-ring';
import { parseClientKey } from '@ringfence/commands/request-identity';
import { KeyRegistry } from '@ringfence/auth/key-registry';
import { policyHashOf } from '@ringfence/event-catalog/policy-hash';
import { SecretHasher } from '@ringfence/auth/secret-hasher';
import { toWire, fromWire, wireCommandCodec } from '@ringfence/command-transport/envelope/command-codec';
import { laneModels } from '@ringfence/lanes/lane-models';
import { ianaCalendar } from '@ringfence/calendar/iana-calendar';
import { withMetadata } from '@ringfence/lanes/command-metadata';
import { libphonenumberPlan } from '@ringfence/numbering/numbering-plan';
import { InMemorySubjectVault } from '@ringfence/vault-memory/memory-subject-vault';
import type { CommandRequest } from '../command-request.js';
import { requestChangeKeyPolicy } from './change-key-policy.js';
import { KeyFinder } from '../key-finder.js';

type Body = Omit<CommandBody<'change_key_policy'>, 'key_id'>;

const { account: model } = laneModels;
const ids = new PredictableIds();
const hasher = new SecretHasher(KeyRing.parse(`p1:${Buffer.alloc(32, 1).toString('base64')}`, 'spec'));
const registry = new KeyRegistry(hasher, () => Promise.resolve(position(0)));
const store = new MemoryEventStore(new MemoryLog(), new FakeClock());
const parts = { vault: new InMemorySubjectVault(ids), ids, hasher, keys: new KeyFinder(registry, store) };

// What the gateway knows, and goes on knowing: it sees none of the changes.
const { digest } = exampleKeyIssued();
registry.loadFrom(
  [exampleKeyIssued(), exampleSigningKeyRegistered()].map((event) => ({
    ...event,
    keyVersion: 1,
    credential:
      event.type === 'KeyIssued'
        ? { kind: 'secret', digest, previous: null }
        : { kind: 'ed25519', publicKey: event.publicKey },
    state: { status: 'active' },
  })),
  position(3),
);

function request(body: Body, keyId = exampleKeyId) {
  const clientKey = parseClientKey('a key of its own');
  invariant(clientKey !== undefined, 'it is a key');
  const context = { stream: exampleOpened.accountId, keyId: exampleKeyId, clientKey };
  return requestChangeKeyPolicy({ ...body, key_id: keyId }, context, parts);
}

/** Decides the requests one after the other, each of them carried over the topic. */
function decided(...requests: readonly CommandRequest[]): { readonly policy: KeyPolicy; readonly policyHash: string } {
  const history: readonly DomainEvent[] = [exampleOpened, exampleKeyIssued()];
  let state = history.reduce(model.evolve, model.initialState);
  for (const { payload } of requests) {
    const onTopic = toWire(payload);
    const read = wireCommandCodec.read(wireCommandCodec.ceTypeOf(onTopic), JSON.parse(wireCommandCodec.write(onTopic)));
    const principal = { kind: 'operator', name: 'spec' } as const;
    const command = withMetadata(fromWire(read, []), nine, principal, {
      rateDecks: exampleDecks,
      routes: exampleRoutes,
      numberingPlan: libphonenumberPlan,
      calendar: ianaCalendar,
    });
    const decision = model.decide(command, state);
    invariant(decision.accepted, 'the change is right');
    state = decision.events.reduce(model.evolve, state);
  }
  const key = state.keys.get(exampleKeyId)?.key;
  invariant(key !== undefined, 'the key is there');
  return key;
}

describe('a change of a policy', () => {
  it('holds beside another one of other fields that was asked for at the same time', async () => {
    const changes = [await request({ lines_max: 3 }), await request({ calls_per_second: 2 })];
    expect(decided(...changes).policy).toEqual({ ...exampleKeyIssued().policy, linesMax: 3, callsPerSecond: 2 });
  });

  it('never brings back a scope, a limit or a range that was taken away before the gateway knew', async () => {
    const narrowed = await request({
      scopes: ['calls:read'],
      daily_spend_micros_max: '5',
      source_cidrs: ['192.0.2.0/24'],
      destination_prefixes: ['49'],
      expires_at: '2126-01-01T00:00:00.000Z',
    });
    expect(decided(narrowed, await request({ project: 'other' })).policy).toEqual({
      ...decided(narrowed).policy,
      project: 'other',
    });
    expect(decided(narrowed).policy.scopes).toEqual(['calls:read']);
  });

  it('says with null that a bound is gone, which is another thing than to say nothing', async () => {
    const bound = await request({ daily_spend_micros_max: '5', destination_prefixes: ['49'], caller_numbers: [] });
    const freed = await request({ daily_spend_micros_max: null, destination_prefixes: null, caller_numbers: null });
    const { dailySpendMicrosMax, destinationPrefixes, callerNumbers } = decided(bound, freed).policy;
    expect([dailySpendMicrosMax, destinationPrefixes, callerNumbers]).toEqual([null, null, null]);
  });

  it('has the hash of the whole policy that came of it', async () => {
    const { policy, policyHash } = decided(await request({ lines_max: 3 }), await request({ project: 'other' }));
    expect(policyHash).toBe(policyHashOf(policy));
  });

  it('of a key that the gateway does not know is for the lane to refuse', async () => {
    const keyId = 'key_01ARZ3NDEKTSV4RRFFQ69G5FAV' as KeyId;
    expect((await request({ lines_max: 3 }, keyId)).payload).toMatchObject({ type: 'ChangeKeyPolicy', keyId });
    expect((await request({ lines_max: 3 }, exampleSigningKeyId)).result).toEqual({ key_id: exampleSigningKeyId });
  });
});
