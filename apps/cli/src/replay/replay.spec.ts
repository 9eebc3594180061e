import { describe, expect, it } from '@jest/globals';
import type { DomainEvent } from '@ringfence/domain/domain-event';
import type { EventEnvelope } from '@ringfence/event-catalog/envelope';
import { encodeEvent } from '@ringfence/event-catalog/event-codec';
import { ceTypeOf } from '@ringfence/event-catalog/event-catalog';
import { hashOf, noPrevHash } from '@ringfence/event-catalog/hash';
import { parseStreamId } from '@ringfence/kernel/ids';
import type { FiledRow, LogSource } from './log-source.js';
import { replay, type ReplayReport } from './replay.js';

const ulid = (n: number) =>
  n
    .toString(32)
    .toUpperCase()
    .replace(/[ILOU]/g, 'Z')
    .padStart(26, '0');
const account = `acc_${ulid(1)}`;
const stream = parseStreamId(account) ?? 'platform';
const verified = { type: 'AccountVerified', accountId: account, verifiedAtMs: 1_000 } as DomainEvent;
const suspended = {
  type: 'AccountSuspended',
  accountId: account,
  reason: 'requested',
  suspendedAtMs: 2_000,
} as DomainEvent;

/** A log of one stream with these events, chained to each other. */
function logOf(...events: DomainEvent[]): FiledRow[] {
  const recorded: FiledRow[] = [];
  for (const [index, data] of events.entries()) {
    const last = recorded.at(-1);
    const envelope = {
      id: `evt_${ulid(index + 10)}`,
      logId: `log_${ulid(2)}`,
      stream,
      version: index + 1,
      subject: account,
      decidedAtMs: 1_000 * (index + 1),
      commandId: `command-${String(index)}`,
      mode: 'live',
      issuedBy: { kind: 'operator', id: 'tests', version: 0 },
      onBehalfOf: null,
      presentedKeyId: null,
      traceparent: null,
      prevHash: last === undefined ? noPrevHash : hashOf(last.bytes),
      salt: '0'.repeat(32),
      data,
    } as unknown as EventEnvelope;
    const bytes = encodeEvent(envelope);
    recorded.push({
      type: ceTypeOf(data),
      subject: account,
      bytes,
      position: index,
      stream,
      version: index + 1,
    });
  }
  return recorded;
}

function check(events: readonly FiledRow[], head = events.length): Promise<ReplayReport> {
  const log: LogSource = {
    head: () => Promise.resolve(head),
    page: (from) => Promise.resolve(events.filter((event) => event.position >= from)),
    streamPage: (_, from) => Promise.resolve(events.filter((event) => event.version >= from)),
  };
  return replay(log, { stream: null, subject: null, onEvent: () => undefined, onProgress: () => undefined });
}

const rulesBroken = async (events: readonly FiledRow[], head?: number) =>
  (await check(events, head)).findings.map(({ position, rule }) => [position, rule]);

describe('replay', () => {
  it('finds nothing in an intact log', async () => {
    const report = await check(logOf(verified, suspended, verified));
    expect(report).toMatchObject({ head: 3, streams: 1, findings: [], totals: { events: 3 } });
  });

  it('detects a changed event at the event that follows it', async () => {
    const events = logOf(verified, suspended, verified);
    const forged = Buffer.from(
      Buffer.from(events[1]?.bytes ?? [])
        .toString()
        .replace('requested', 'unpaid'),
    );
    const changed = events.map((event, index) => (index === 1 ? { ...event, bytes: forged } : event));
    expect(await rulesBroken(changed)).toEqual([[2, 'hashes_chain']]);
  });

  it('detects a missing event', async () => {
    const events = logOf(verified, suspended, verified);
    expect(
      await rulesBroken(
        events.filter((_, index) => index !== 1),
        3,
      ),
    ).toEqual([
      [2, 'positions_are_dense'],
      [2, 'versions_are_gapless'],
      [2, 'hashes_chain'],
    ]);
  });

  it('detects a truncated log', async () => {
    expect(await rulesBroken(logOf(verified, suspended), 3)).toEqual([[2, 'positions_are_dense']]);
  });

  it('detects bytes that mean the same but are encoded differently', async () => {
    const [event] = logOf(verified);
    const spaced = Buffer.from(
      Buffer.from(event?.bytes ?? [])
        .toString()
        .replace('{"commandid"', '{ "commandid"'),
    );
    expect(await rulesBroken(event === undefined ? [] : [{ ...event, bytes: spaced }])).toEqual([
      [0, 'bytes_are_canonical'],
    ]);
  });

  it('detects an event stored under another type', async () => {
    const events = logOf(verified).map((event) => ({ ...event, type: 'ringfence.account.suspended.v1' }));
    expect(await rulesBroken(events)).toEqual([[0, 'events_are_readable']]);
  });

  it('reports an unreadable event and continues', async () => {
    const events = logOf(verified, suspended);
    const broken = events.map((event, index) => (index === 0 ? { ...event, bytes: Buffer.from('{}') } : event));
    expect(await rulesBroken(broken)).toEqual([
      [0, 'events_are_readable'],
      [1, 'hashes_chain'],
    ]);
  });
});
