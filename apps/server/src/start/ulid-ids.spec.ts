import { describe, expect, it } from '@jest/globals';
import { parseCallId, parseEventId, parseSubjectId } from '@ringfence/kernel/ids';
import { decodeTime } from 'ulid';
import { UlidIds } from './ulid-ids.js';

describe('UlidIds', () => {
  it('makes ids that are read as such, and no two alike, over many refills of its pool', () => {
    const ids = new UlidIds();
    const made = Array.from({ length: 5_000 }, () => [ids.callId(), ids.eventId(), ids.subjectId()] as const);

    expect(
      made.every(([call, event, subject]) => parseCallId(call) && parseEventId(event) && parseSubjectId(subject)),
    ).toBe(true);
    expect(new Set(made.flat().map((id) => id.slice(-16))).size).toBe(15_000);
  });

  it('says when it made them, and uses every character', () => {
    const ids = new UlidIds();
    const before = Date.now();
    const id = ids.callId();
    const after = Date.now();
    const madeAt = decodeTime(id.slice('cs_'.length));
    const characters = new Set(Array.from({ length: 500 }, () => ids.callId().slice(-16)).join(''));

    expect(madeAt).toBeGreaterThanOrEqual(before);
    expect(madeAt).toBeLessThanOrEqual(after);
    expect([...characters].sort().join('')).toBe('0123456789ABCDEFGHJKMNPQRSTVWXYZ');
  });
});
