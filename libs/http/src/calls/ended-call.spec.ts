import { describe, expect, it } from '@jest/globals';
import { CommittedEvent } from '@ringfence/cqrs/committed-event';
import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import { durationMs, epochMs, position } from '@ringfence/kernel/units';
import type { CallRow } from '@ringfence/read-models/calls/call-rows';
import { exampleEvents } from '@ringfence/testing/example-events';
import { nine } from '@ringfence/testing/examples';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import type { FastifyRequest } from 'fastify';
import type { Caller } from '../edge/access.js';
import { edgeProblem } from '../problem.js';
import { CallEnds, waitsPerKeyMax } from './call-ends.js';
import { EndedCall } from './ended-call.js';

const ids = new PredictableIds();
const [call, key] = [ids.callId(), ids.keyId()];
const request = {} as FastifyRequest;
const caller = { entry: { keyId: key } } as Caller;

/** A call that ends when a test says so, and who waits for that. */
function scene() {
  const ends = new CallEnds();
  const looks: string[] = [];
  let endedAtMs: number | null = null;
  let found = true;
  let onLook = (): void => undefined;
  const end = () => {
    endedAtMs = nine;
    const data = { ...exampleEvents.CallCompleted, callId: call };
    ends.handle(new CommittedEvent({ data, position: position(7) } as unknown as RecordedEnvelope));
  };
  const reader = {
    read: () => {
      looks.push('read');
      if (!found) return Promise.reject(edgeProblem('not_found', 'there is no such call'));
      const row = { callId: call, endedAtMs: endedAtMs === null ? null : epochMs(endedAtMs) } as CallRow;
      onLook();
      return Promise.resolve(row);
    },
  };
  const gate = {
    wait: () => {
      looks.push('min_position');
      return Promise.resolve();
    },
    reached: () => Promise.resolve(true),
  };
  const registry = { lineOf: () => [{ keyId: key }] };
  const parts = [reader, ends, gate, { checkAgain: () => Promise.resolve() }, registry];
  const ended = new EndedCall(...(parts as unknown as ConstructorParameters<typeof EndedCall>));
  return {
    ends,
    looks,
    end,
    lose: () => (found = false),
    onLook: (act: () => void) => (onLook = act),
    read: (minPosition?: string) => ended.read(request, caller, call, minPosition, 600_000),
  };
}

describe('a call that is asked for when it has ended', () => {
  it('is looked at twice: when the wait has begun, and when it has ended', async () => {
    const one = scene();
    // Between the look and its answer.
    one.onLook(one.end);
    expect(await one.read()).toMatchObject({ endedAtMs: nine });
    expect(one.looks).toEqual(['read', 'read']);
  });

  it('is looked at once where it has ended before, though as many wait as may', async () => {
    const one = scene();
    one.end();
    for (let waiting = 0; waiting < waitsPerKeyMax; waiting += 1) one.ends.begin(call, [key], durationMs(600_000));
    expect(await one.read()).toMatchObject({ endedAtMs: nine });
    expect(one.looks).toEqual(['read']);
    one.ends.beforeApplicationShutdown();
  });

  it('is looked at with all that the log had, behind the position that was named', async () => {
    const one = scene();
    one.end();
    await one.read('log_1:5');
    expect(one.looks).toEqual(['min_position', 'read']);
  });

  it('is refused where too many wait, and one that is not there takes no place', async () => {
    const one = scene();
    one.lose();
    for (let asked = 0; asked <= waitsPerKeyMax; asked += 1)
      await expect(one.read()).rejects.toMatchObject({ code: 'not_found' });
    const full = scene();
    for (let waiting = 0; waiting < waitsPerKeyMax; waiting += 1) full.ends.begin(call, [key], durationMs(600_000));
    await expect(full.read()).rejects.toMatchObject({ code: 'too_many_waiting' });
    full.ends.beforeApplicationShutdown();
  });
});
