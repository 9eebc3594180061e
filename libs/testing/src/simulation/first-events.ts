import { EnvelopeWriter } from '@ringfence/lanes/envelope-writer';
import type { SaltSource } from '@ringfence/lanes/salt-source';
import { firstRateDeck } from '@ringfence/domain/billing/rating/first-rate-deck';
import type { DomainEvent } from '@ringfence/domain/domain-event';
import { noPrevHash } from '@ringfence/event-catalog/hash';
import type { EventStore, EventToAppend } from '@ringfence/ports/log/event-store';
import { type IdSource, platformStream } from '@ringfence/kernel/ids';
import { epochMs, streamVersion } from '@ringfence/kernel/units';
import type { OpenedLog } from '@ringfence/lanes/open-log';
import { nine } from '../examples.js';

/**
 * Writes a log as the very first start leaves it: opened, with a price list. It has fewer lanes than a real one, so
 * that accounts share them.
 */
export async function writeFirstEvents(
  store: EventStore,
  ids: IdSource,
  salts: SaltSource,
  laneCount: number,
): Promise<OpenedLog> {
  const logId = ids.logId();
  const rowsSha256 = await store.putBlob(Buffer.from(JSON.stringify(firstRateDeck.rows)));
  const { currency, rows } = firstRateDeck;
  const written: readonly DomainEvent[] = [
    { type: 'LogOpened', logId, laneCount, openedAtMs: nine },
    {
      type: 'RateDeckPublished',
      deckId: ids.deckId(),
      deckVersion: 1,
      currency,
      rowCount: rows.length,
      rowsSha256,
      effectiveFromMs: epochMs(0),
    },
  ];
  const envelopes = new EnvelopeWriter(logId, ids, salts);
  const events: EventToAppend[] = [];
  let end = { version: streamVersion(0), prevHash: noPrevHash };
  for (const event of written) {
    const facts = {
      eventId: null,
      subject: platformStream,
      mode: 'live',
      onBehalfOf: null,
      presentedKeyId: null,
    } as const;
    const context = {
      stream: platformStream,
      commandId: ids.commandId(),
      decidedAtMs: nine,
      issuedBy: opener,
      traceparent: null,
    };
    const sealed = envelopes.write(event, facts, context, end);
    events.push(sealed.toAppend);
    end = sealed.end;
  }
  const platform = { stream: platformStream, expectedVersion: streamVersion(0), events, nextDueMs: null };
  await store.append({ appends: [platform], unchanged: [], outcomes: [], fences: [] });
  return { logId, laneCount };
}

const opener = { kind: 'operator', id: 'bootstrap', version: 0 } as const;
