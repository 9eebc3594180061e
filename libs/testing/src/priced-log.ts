import { openOrCreateLog, type OpenedLog } from '@ringfence/lanes/open-log';
import { EnvelopeWriter } from '@ringfence/lanes/envelope-writer';
import { laneModels } from '@ringfence/lanes/lane-models';
import { loadStream } from '@ringfence/lanes/loaded-stream';
import { SaltSource } from '@ringfence/lanes/salt-source';
import { WorkingStream } from '@ringfence/lanes/working-stream';
import type { DomainCommand } from '@ringfence/domain/command';
import { firstRateDeck } from '@ringfence/domain/billing/rating/first-rate-deck';
import type { EventStore } from '@ringfence/ports/log/event-store';
import type { Clock } from '@ringfence/kernel/clock';
import { type CommandId, type IdSource, platformStream } from '@ringfence/kernel/ids';
import { invariant } from '@ringfence/kernel/invariant';
import { laneOf } from '@ringfence/kernel/lane';
import { epochMs } from '@ringfence/kernel/units';

/**
 * Opens a log with a price list in force, in which accounts can be opened: `openOrCreateLog`, and the second event if
 * the log is new. To be called before a lane is taken.
 */
export async function openPricedLog(
  store: EventStore,
  { clock, ids, owner }: { readonly clock: Clock; readonly ids: IdSource; readonly owner: string },
): Promise<OpenedLog> {
  const log = await openOrCreateLog(store, { clock, ids, owner });
  const loaded = await loadStream(store, laneModels.platform, platformStream);
  if (loaded.state.decks.size > 0) return log;
  const [fence] = await store.takeLanes([laneOf(platformStream, log.laneCount)], owner);
  invariant(fence !== undefined, 'nobody else has the lane yet');
  const { currency, rows } = firstRateDeck;
  const rowsSha256 = await store.putBlob(Buffer.from(JSON.stringify(rows)));
  const working = new WorkingStream(platformStream, laneModels.platform, loaded);
  const [nowMs, commandId] = [clock.now(), 'spec:rate-deck' as CommandId];
  const issuedBy = { kind: 'operator', id: owner, version: 0 } as const;
  const context = { stream: platformStream, commandId, decidedAtMs: nowMs, issuedBy, traceparent: null };
  const command: DomainCommand = {
    type: 'PublishRateDeck',
    deckId: ids.deckId(),
    currency,
    rowCount: rows.length,
    rowsSha256,
    effectiveFromMs: epochMs(0),
    nowMs,
    principal: { kind: 'operator', name: owner },
  };
  const decision = laneModels.platform.decide(command, working.state);
  const envelopes = new EnvelopeWriter(log.logId, ids, new SaltSource());
  working.record(command, decision, { accepted: context, refused: context }, envelopes);
  await store.append({ appends: [working.toAppend()], unchanged: [], outcomes: [], fences: [fence] });
  return log;
}
