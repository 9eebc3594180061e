import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Query } from '@nestjs/cqrs';
import type { CallPlaced } from '@ringfence/domain/calls/call.events';
import type { DomainEventType } from '@ringfence/domain/domain-event';
import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import { isOfMode } from '@ringfence/event-catalog/event-facts';
import type { CallId, AccountId } from '@ringfence/kernel/ids';
import { position, type Position } from '@ringfence/kernel/units';
import { keyRegistryProjection } from '../keys/key-registry.projection.js';
import { FindKey } from '../keys/key.handlers.js';
import { WrittenHistory } from '../written-history.contract.js';
import { auditTrailProjection } from './audit-trail.projection.js';
import type { AuditEvent } from './audit.queries.js';
import { FindAuthorisation, ListAuditEvents } from './audit.handlers.js';

let models: WrittenHistory;
let account: AccountId;
let events: readonly RecordedEnvelope[];
beforeAll(async () => {
  models = await WrittenHistory.start([auditTrailProjection, keyRegistryProjection]);
  ({ account, events } = models);
});
afterAll(() => models.stop());
const positionOf = ({ recorded }: AuditEvent): Position => recorded.position;

/** Positions of what the issue of a call's key, its issuers and the account led to until then, and of the call. */
function authorityOf(placed: RecordedEnvelope<CallPlaced>): readonly Position[] {
  const keys = new Set<string>([placed.data.keyId]);
  for (const { data, issuedBy } of [...events].reverse())
    if ((data.type === 'KeyIssued' || data.type === 'SigningKeyRegistered') && keys.has(data.keyId))
      if (issuedBy.kind === 'key') keys.add(issuedBy.id);
  const bySubject = (event: RecordedEnvelope): boolean =>
    (event.subject === account || keys.has(event.subject)) && !silent.has(event.data.type);
  return events
    .filter((event) => event.subject === placed.data.callId || (event.position < placed.position && bySubject(event)))
    .map((event) => event.position);
}
/** Events about an account or a key that do not change what a key may do. */
const silent: ReadonlySet<DomainEventType> = new Set<DomainEventType>([
  ...(['CreditAdded', 'AccountLimitsSet', 'AccountTimeZoneChanged', 'CallRefused', 'CallRefusalsCounted'] as const),
  ...(['CommandTurnedAway', 'CommandsTurnedAwayCounted'] as const),
]);

const ask = <Result>(query: Query<Result>): Promise<Result> => models.ask(query);

describe('the audit trail', () => {
  it('has every event in the order of the log, each chained to the one before it', async () => {
    const trail = await ask(
      new ListAuditEvents({ accountId: null, mode: null, fromPosition: position(0), limit: 1_000 }),
    );
    expect(trail.map(({ attributes }) => attributes.id)).toEqual(events.slice(0, 1_000).map((event) => event.id));
    expect(trail.map(({ attributes }) => attributes.onBehalfOf)).toEqual(
      events.slice(0, 1_000).map((event) => event.onBehalfOf),
    );
    const own = await ask(
      new ListAuditEvents({ accountId: account, mode: null, fromPosition: position(0), limit: 500 }),
    );
    for (const [at, event] of own.slice(1).entries()) expect(event.attributes.prevHash).toBe(own[at]?.hash);
    expect(own.map(({ recorded }) => recorded)).toEqual(await models.store.readAt(own.map(positionOf)));
    const rest = await ask(
      new ListAuditEvents({
        accountId: account,
        mode: null,
        fromPosition: own[100]?.recorded.position as Position,
        limit: 400,
      }),
    );
    expect(rest).toEqual(own.slice(100));
  });

  it('says who authorised a call, with the limits of that moment and what led there', async () => {
    let older = 0;
    const kinds = new Set<string | undefined>();
    for (const placed of models.placedIn(account)) {
      const found = await ask(new FindAuthorisation(placed.data.callId));
      expect(found?.key).toMatchObject({ keyId: placed.data.keyId, keyVersion: placed.onBehalfOf?.keyVersion });
      const policies = events.flatMap(({ data, position: at }) =>
        at < placed.position && 'policy' in data && data.keyId === placed.data.keyId ? [data.policy] : [],
      );
      expect(found?.key.policy).toEqual(policies.at(-1));
      const now = await ask(new FindKey(placed.data.keyId));
      if (now !== undefined && now.policyHash === found?.key.policyHash && now.keyVersion > found.key.keyVersion)
        older += 1;
      const chain = found?.chain ?? [];
      const types = chain.map(({ attributes }) => attributes.type);
      const { kind } = found?.key ?? {};
      kinds.add(kind);
      const began = kind === 'signing' ? 'SigningKeyRegistered' : 'KeyIssued';
      expect(types.slice(0, 3)).toEqual(['AccountOpened', 'AccountVerified', began]);
      expect(types).toContain('CallPlaced');
      expect(chain.map(positionOf)).toEqual(authorityOf(placed));
    }
    expect(older).toBeGreaterThan(0);
    expect(kinds).toEqual(new Set(['secret', 'signing']));
  });

  it('does not know who authorised a call that never was', async () => {
    expect(await ask(new FindAuthorisation('cs_7ZZZZZZZZZZZZZZZZZZZZZZZZZ' as CallId))).toBeUndefined();
  });
});

describe.each(['live', 'test'] as const)('what is seen of the mode %s alone', (mode) => {
  it('is its own events and those of the account as a whole, in order, and it is found without reading past the others', async () => {
    const fromPosition = position(0);
    const listed = await ask(new ListAuditEvents({ accountId: account, mode, fromPosition, limit: 1_000 }));
    const expected = events.filter(
      (event) => event.stream === account && isOfMode({ type: event.data.type, mode: event.mode }, mode),
    );
    expect(listed.map(({ attributes }) => attributes.id)).toEqual(expected.slice(0, 1_000).map(({ id }) => id));
    expect(listed.map(({ attributes }) => attributes.type)).toContain('AccountOpened');
    const [index] = await models.db.query<{ definition: string }>(
      `select pg_get_indexdef('audit_trail.event_pkey'::regclass) as definition`,
    );
    expect(index?.definition).toMatch(/\(stream, seen_by, span\)$/);
  });
});
