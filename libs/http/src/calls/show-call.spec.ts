import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CallPlaced } from '@ringfence/domain/calls/call.events';
import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import { parseCallId, parseKeyId } from '@ringfence/kernel/ids';
import { invariant } from '@ringfence/kernel/invariant';
import { durationMs, position } from '@ringfence/kernel/units';
import type { CallRecord } from '@ringfence/read-models/calls/call-rows';
import { problemsOf } from '../route.contract.js';
import { RouteWorld } from '../route-world.contract.js';
import { CallEnds, waitsPerKeyMax } from './call-ends.js';
import { ShowCallController } from './show-call.js';

/** A call that rings, as its row in the read model says, and the key that placed it. */
async function ringingCall(world: RouteWorld) {
  const key = await world.key(await world.account());
  const callId = parseCallId(await world.call(key));
  invariant(callId !== undefined, 'a call has an id');
  const [first] = await world.behind.store.readSubject(callId, 1);
  const placed = first === undefined ? undefined : decodeRecorded(first).data;
  invariant(placed?.type === 'CallPlaced', 'its first event says that it was placed');
  let looks = 0;
  world.behind.rowsOf = () => {
    looks += 1;
    return [rowOf(placed)];
  };
  return { key, callId, looks: () => looks };
}

function rowOf(placed: CallPlaced): CallRecord & { readonly asked: number } {
  return {
    asked: 1,
    ...{ call_id: placed.callId, placed_position: '1', account_id: placed.accountId, mode: placed.mode },
    state: 'ringing',
    authorised_for_ms: String(placed.authorisedForMs),
    reserved_micros: String(placed.reservedMicros),
    ...{ ringing_at_ms: String(placed.placedAtMs), answered_at_ms: null, ended_at_ms: null },
    ...{ hang_up_reason: null, hang_up_requested_at_ms: null, cause: null, ended_by: null },
    ...{ talk_time_ms: null, billed_ms: null, charged_micros: null },
  };
}

describe('showing a call', () => {
  const itAnswers = problemsOf(ShowCallController);

  itAnswers('not_found', 'where no call has that id', (world) => world.get(`voice/calls/${world.behind.ids.callId()}`));

  itAnswers('validation_failed', 'for a time to wait without something to wait for', (world) =>
    world.get(`voice/calls/${world.behind.ids.callId()}?wait_seconds=5`),
  );

  itAnswers('key_not_accepted', 'as soon as the key that waits is revoked', async (world) => {
    const { key, callId, looks } = await ringingCall(world);
    const waiting = world.get(`voice/calls/${callId}?wait_for=ended`, key.secret);
    while (looks() === 0) await new Promise((resolve) => setImmediate(resolve));
    await world.given(world.post(`keys/${key.id}/revoke`));
    return waiting;
  });

  itAnswers('too_many_waiting', 'where the key waits for as many calls as it may', async (world) => {
    const { key, callId } = await ringingCall(world);
    const keyId = parseKeyId(key.id);
    invariant(keyId !== undefined, 'a key has an id');
    const ends = world.app.get(CallEnds, { strict: false });
    const waits = Array.from({ length: waitsPerKeyMax }, () => ends.begin(callId, [keyId], durationMs(600_000)));
    const answer = await world.get(`voice/calls/${callId}?wait_for=ended`, key.secret);
    for (const wait of waits) wait?.cancel();
    return answer;
  });
});

describe('a read of a call', () => {
  let world: RouteWorld;
  beforeAll(async () => {
    world = await RouteWorld.start();
  });
  afterAll(() => world.stop());

  it('looks its rows up while it asks for the end of its account’s writes', async () => {
    const { key, callId, looks } = await ringingCall(world);
    let looksAtEnd: number | undefined;
    const { store } = world.behind;
    const streamEnd = store.streamEnd.bind(store);
    store.streamEnd = async (stream) => {
      while (looks() === 0) await new Promise((resolve) => setImmediate(resolve));
      looksAtEnd = looks();
      return streamEnd(stream);
    };
    const answer = await world.get(`voice/calls/${callId}`, key.secret);
    store.streamEnd = streamEnd;
    expect([answer.status, looksAtEnd, looks()]).toEqual([200, 1, 1]);
  });

  it('looks its rows up again if they had not come to the end of its account’s writes', async () => {
    const { key, callId, looks } = await ringingCall(world);
    const { progress } = world.behind;
    const reachedBy = progress.reachedBy.bind(progress);
    progress.reachedBy = () => position(1);
    const answer = await world.get(`voice/calls/${callId}`, key.secret);
    progress.reachedBy = reachedBy;
    expect([answer.status, looks()]).toEqual([200, 2]);
  });
});
