import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CommittedEvent } from '@ringfence/cqrs/committed-event';
import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import { durationMs, position } from '@ringfence/kernel/units';
import { exampleEvents } from '@ringfence/testing/example-events';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import { CallEnds, type Wait, waitsPerKeyMax } from './call-ends.js';

const ids = new PredictableIds();
const [call, other, key] = [ids.callId(), ids.callId(), ids.keyId()];
const longMs = durationMs(600_000);
const committed = (data: object, at: number) =>
  new CommittedEvent({ data, position: position(at) } as unknown as RecordedEnvelope);

describe('who waits for the end of a call', () => {
  let ends: CallEnds;
  beforeEach(() => {
    ends = new CallEnds();
  });
  afterEach(() => {
    ends.beforeApplicationShutdown();
  });
  const begun = (callId = call, keyId = key): Wait => {
    const wait = ends.begin(callId, [keyId], longMs);
    if (wait === undefined) throw new Error('too many wait');
    return wait;
  };

  it.each(['CallCompleted', 'CallFailed'] as const)('is woken by %s, with the position to read from', async (type) => {
    const wait = begun();
    ends.handle(committed({ ...exampleEvents[type], callId: other }, 5));
    ends.handle(committed({ ...exampleEvents[type], callId: call }, 7));
    expect(await wait.outcome).toEqual({ why: 'ended', below: 8 });
  });

  it('is woken when its key is revoked, and not when another is', async () => {
    const wait = begun();
    ends.handle(committed({ ...exampleEvents.KeyRevoked, keyId: ids.keyId() }, 5));
    ends.handle(committed({ ...exampleEvents.KeyRevoked, keyId: key }, 6));
    expect(await wait.outcome).toEqual({ why: 'key_revoked' });
  });

  it('is woken when a key above its own is revoked, and counts against that one too', async () => {
    const parent = ids.keyId();
    const child = ends.begin(call, [key, parent], longMs);
    ends.handle(committed({ ...exampleEvents.KeyRevoked, keyId: parent }, 6));
    expect(await child?.outcome).toEqual({ why: 'key_revoked' });
    for (let at = 0; at < waitsPerKeyMax; at += 1) ends.begin(call, [ids.keyId(), parent], longMs);
    expect(ends.begin(call, [key, parent], longMs)).toBeUndefined();
  });

  it('is let go after its time, when the client goes, and when the process stops', async () => {
    const late = ends.begin(call, [key], durationMs(1));
    expect(await late?.outcome).toEqual({ why: 'timed_out' });
    const gone = begun();
    gone.cancel();
    expect(await gone.outcome).toEqual({ why: 'abandoned' });
    const stopped = begun();
    ends.beforeApplicationShutdown();
    expect(await stopped.outcome).toEqual({ why: 'abandoned' });
  });

  it('takes no place of another key, and gives its own back', () => {
    const waits = Array.from({ length: waitsPerKeyMax }, () => begun());
    expect(ends.begin(call, [key], longMs)).toBeUndefined();
    begun(call, ids.keyId());
    waits[0]?.cancel();
    begun();
    expect(ends.begin(call, [key], longMs)).toBeUndefined();
  });
});
