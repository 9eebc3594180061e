import { describe, expect, it } from '@jest/globals';
import type { DomainEventType } from '@ringfence/domain/domain-event';
import { Failure } from '@ringfence/kernel/failure';
import type { SubjectId } from '@ringfence/kernel/ids';
import type { JsonValue } from '@ringfence/kernel/json';
import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { arbitraryEnvelope } from './arbitrary-events.js';
import { canonicalJson } from './canonical-json.js';
import type { EventEnvelope, RecordedEnvelope } from './envelope.js';
import { ceTypeOf, ceTypes, eventCatalogue, eventTypeOf } from './event-catalog.js';
import { decodeEvent, decodeRecorded, encodeEvent, identityOf } from './event-codec.js';

const types = Object.keys(eventCatalogue) as DomainEventType[];
const runs = { numRuns: 60 };

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (failure) {
    return failure instanceof Failure ? failure.code : String(failure);
  }
  return 'nothing was thrown';
}

function sampleOf(type: DomainEventType): RecordedEnvelope {
  const [sample] = fc.sample(arbitraryEnvelope(type), { numRuns: 1, seed: 7 });
  if (sample === undefined) throw new Error('no sample');
  return sample;
}

function withoutPosition({ position: _, ...envelope }: RecordedEnvelope): EventEnvelope {
  return envelope;
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}

function changed(envelope: RecordedEnvelope, change: (json: Record<string, unknown>) => void): Uint8Array {
  const json = JSON.parse(textOf(encodeEvent(withoutPosition(envelope)))) as Record<string, unknown>;
  change(json);
  return Buffer.from(JSON.stringify(json));
}

describe.each(types)('an event %s', (type) => {
  it('comes back from its bytes as it was', () => {
    fc.assert(
      fc.property(arbitraryEnvelope(type), (recorded) => {
        const envelope = withoutPosition(recorded);
        expect(decodeEvent(encodeEvent(envelope))).toEqual(envelope);
      }),
      runs,
    );
  });

  it('is written as an independent RFC 8785 library writes it', () => {
    fc.assert(
      fc.property(arbitraryEnvelope(type), (recorded) => {
        const text = textOf(encodeEvent(withoutPosition(recorded)));
        expect(text).toBe(canonicalize(JSON.parse(text)));
      }),
      runs,
    );
  });

  it('has one name on the wire that leads back to it', () => {
    const { data } = sampleOf(type);
    expect(eventTypeOf(ceTypeOf(data))).toBe(type);
    expect(ceTypes[type]).toMatch(
      /^ringfence\.(account|key|call|number|inventory|audit|webhook|app|trunk|platform)\.[a-z_]+\.v[1-9]\d*$/,
    );
  });

  it('is not read when a field of its data is missing, or one too many is there', () => {
    const sample = sampleOf(type);
    const missing = changed(sample, (json) => {
      const data = json['data'] as Record<string, unknown>;
      Reflect.deleteProperty(data, Object.keys(data)[0] ?? '');
    });
    const besides = changed(sample, (json) => {
      (json['data'] as Record<string, unknown>)['note'] = 'free text';
    });
    expect([codeOf(() => decodeEvent(missing)), codeOf(() => decodeEvent(besides))]).toEqual([
      'event_field_invalid',
      'event_field_invalid',
    ]);
  });
});

describe('who an event is', () => {
  it('is read without knowing its type, from bytes of ours and of others', () => {
    const envelope = sampleOf('KeyRevoked');
    const { id, logId, decidedAtMs } = envelope;
    const identity = { id, logId, time: new Date(decidedAtMs).toISOString() };
    expect(identityOf(encodeEvent(withoutPosition(envelope)))).toEqual(identity);
    const unknown = changed(envelope, (json) => {
      json['type'] = 'ringfence.key.teleported.v9';
      json['data'] = { anything: 1 };
    });
    expect(identityOf(unknown)).toEqual(identity);
    const nameless = changed(envelope, (json) => {
      json['id'] = 'evt_1';
    });
    expect(() => identityOf(nameless)).toThrow(expect.objectContaining({ code: 'event_field_invalid' }));
  });
});

describe('every field', () => {
  it('that is not what the catalogue says keeps the event from being written, and the message does not quote it', () => {
    const secret = '+15551234567 \u0000';
    for (const type of types) {
      const { data, ...envelope } = withoutPosition(sampleOf(type));
      for (const name of Object.keys(data).filter((each) => each !== 'type')) {
        const spoilt = { ...envelope, data: { ...data, [name]: secret } } as unknown as EventEnvelope;
        try {
          encodeEvent(spoilt);
          throw new Error(`${type}.${name} was written`);
        } catch (failure) {
          expect(failure).toMatchObject({ code: 'event_field_invalid', retryable: false });
          expect(String(failure)).toContain(name);
          expect(String(failure)).not.toContain('5551234567');
        }
      }
    }
  });

  it('that is not in the catalogue keeps the event from being written', () => {
    const { data, ...envelope } = withoutPosition(sampleOf('CallRinging'));
    expect(codeOf(() => encodeEvent({ ...envelope, data: { ...data, note: 'x' } } as unknown as EventEnvelope))).toBe(
      'event_field_invalid',
    );
  });

  it.each([
    ['id', 'evt_x'],
    ['stream', 'acc_x'],
    ['subject', '+15551234567'],
    ['salt', 'AA'],
    ['prevHash', ''],
    ['traceparent', 'x'],
    ['decidedAtMs', -1],
    ['decidedAtMs', 9_000_000_000_000_000],
    ['version', 1.5],
    ['mode', 'demo'],
    ['commandId', 'é'],
    ['commandId', ''],
  ])('of the envelope is checked too: %s = %j', (name, value) => {
    const envelope = { ...withoutPosition(sampleOf('CallRinging')), [name]: value };
    expect(codeOf(() => encodeEvent(envelope))).toBe('event_field_invalid');
  });
});

describe('a reader', () => {
  const sample = sampleOf('CallPlaced');

  it.each([
    { what: 'an unknown type', type: 'ringfence.call.dreamt.v1', code: 'event_type_unknown' },
    { what: 'a type of somebody else', type: 'com.example.order', code: 'event_type_unknown' },
    { what: 'a version of the future', type: 'ringfence.call.placed.v9999', code: 'event_version_unknown' },
    { what: 'version 0', type: 'ringfence.call.placed.v0', code: 'event_type_unknown' },
  ])('stops at $what', ({ type, code }) => {
    expect(codeOf(() => decodeEvent(changed(sample, (json) => Object.assign(json, { type }))))).toBe(code);
  });

  it.each([
    ['no JSON', Buffer.from('{"id":')],
    ['a list', Buffer.from('[]')],
    ['bytes that are not ASCII', Buffer.from('{"id":"é"}')],
    ['another version of CloudEvents', changed(sample, (json) => Object.assign(json, { specversion: '0.3' }))],
    ['an attribute that it does not know', changed(sample, (json) => Object.assign(json, { partitionkey: 'x' }))],
    [
      'a time that is not decidedat',
      changed(sample, (json) => Object.assign(json, { time: '2026-01-01T00:00:00.000Z' })),
    ],
    ['a source that is not of its log', changed(sample, (json) => Object.assign(json, { source: '/' }))],
  ])('stops at %s', (_what, bytes) => {
    expect(codeOf(() => decodeEvent(bytes))).toBe('event_malformed');
  });

  it('stops at an event that the log files elsewhere than its bytes say', () => {
    const filed = {
      position: sample.position,
      stream: sample.stream,
      version: sample.version,
      type: ceTypeOf(sample.data),
      subject: sample.subject,
      bytes: encodeEvent(withoutPosition(sample)),
    };
    expect(decodeRecorded(filed)).toEqual(sample);
    for (const wrong of [
      { version: sample.version + 1 },
      { stream: 'acc_other' },
      { subject: 'cs_other' },
      { type: 'other' },
    ]) {
      expect(codeOf(() => decodeRecorded({ ...filed, ...wrong } as typeof filed))).toBe('event_misfiled');
    }
  });
});

describe('the size of an event', () => {
  it('is at most 32 KiB', () => {
    const { data, ...envelope } = withoutPosition(sampleOf('KeyPolicyChanged'));
    if (data.type !== 'KeyPolicyChanged') throw new Error('another event');
    const number = { subjectId: `sub_${'0'.repeat(26)}` as SubjectId, ciphertext: 'A'.repeat(60) };
    const withNumbers = (count: number) =>
      ({
        ...envelope,
        data: { ...data, policy: { ...data.policy, callerNumbers: Array.from({ length: count }, () => number) } },
      }) as EventEnvelope;
    expect(encodeEvent(withNumbers(100)).length).toBeLessThan(32_768);
    expect(codeOf(() => encodeEvent(withNumbers(400)))).toBe('event_too_large');
  });
});

describe('canonical JSON', () => {
  it('is what an independent library writes', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        expect(canonicalJson(value as JsonValue)).toBe(canonicalize(value));
      }),
    );
  });

  it.each(['\u0000', 'a\ud800', '\udc00b'])('does not write text that programs read differently: %j', (text) => {
    expect(codeOf(() => canonicalJson({ text }))).toBe('text_not_interchangeable');
    expect(codeOf(() => canonicalJson({ [text]: 1 }))).toBe('text_not_interchangeable');
  });
});
