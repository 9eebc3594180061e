import { decodeEvent } from '@ringfence/event-catalog/event-codec';
import type { DomainCommand } from '@ringfence/domain/command';
import type { EventStore } from '@ringfence/ports/log/event-store';
import type { Clock } from '@ringfence/kernel/clock';
import { Failure } from '@ringfence/kernel/failure';
import { type CommandId, type IdSource, type LogId, platformStream } from '@ringfence/kernel/ids';
import { laneCountDefault, laneOf } from '@ringfence/kernel/lane';
import { position } from '@ringfence/kernel/units';
import { EnvelopeWriter } from './envelope-writer.js';
import { laneModels } from './lane-models.js';
import { emptyStream } from './loaded-stream.js';
import { SaltSource } from './salt-source.js';
import { WorkingStream } from './working-stream.js';

export type OpenedLog = { readonly logId: LogId; readonly laneCount: number };

/**
 * Reads the log's properties from its first event; writes that event if there is none.
 * @throws Failure `log_not_ours` if the first event is not LogOpened, `event_store_unavailable` (retryable)
 */
export async function openOrCreateLog(
  store: EventStore,
  { clock, ids, owner }: { readonly clock: Clock; readonly ids: IdSource; readonly owner: string },
): Promise<OpenedLog> {
  const found = await read(store);
  if (found !== undefined) return found;
  const [fence] = await store.takeLanes([laneOf(platformStream, laneCountDefault)], owner);
  if (fence === undefined) throw new Failure('event_store_unavailable', 'no lane could be taken', true);
  const [logId, nowMs, commandId] = [ids.logId(), clock.now(), 'bootstrap:open-log' as CommandId];
  const working = new WorkingStream(platformStream, laneModels.platform, emptyStream(laneModels.platform));
  const issuedBy = { kind: 'operator', id: 'bootstrap', version: 0 } as const;
  const context = { stream: platformStream, commandId, decidedAtMs: nowMs, issuedBy, traceparent: null };
  const principal = { kind: 'operator', name: 'bootstrap' } as const;
  const command: DomainCommand = { type: 'OpenLog', logId, laneCount: laneCountDefault, nowMs, principal };
  const decision = laneModels.platform.decide(command, working.state);
  const envelopes = new EnvelopeWriter(logId, ids, new SaltSource());
  working.record(command, decision, { accepted: context, refused: context }, envelopes);
  try {
    await store.append({ appends: [working.toAppend()], unchanged: [], outcomes: [], fences: [fence] });
    return { logId, laneCount: laneCountDefault };
  } catch (error) {
    // Another process may have been first, or our append succeeded without an answer.
    const opened = await read(store);
    if (opened !== undefined) return opened;
    throw error;
  }
}

async function read(store: EventStore): Promise<OpenedLog | undefined> {
  const [first] = await store.readAll(position(0), 1);
  if (first === undefined) return undefined;
  return logOpenedBy(first.bytes);
}

/**
 * Reads the log's properties from its first event.
 * @throws Failure `log_not_ours` if the event is not LogOpened
 */
export function logOpenedBy(firstEvent: Uint8Array): OpenedLog {
  const { data } = decodeEvent(firstEvent);
  if (data.type !== 'LogOpened')
    throw new Failure('log_not_ours', `a log begins with LogOpened, this one with ${data.type}`, false);
  return { logId: data.logId, laneCount: data.laneCount };
}
