import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { binaryHeaders, type CloudEvent, readBinary } from './cloud-event.js';

const event: CloudEvent = {
  id: 'cmd-1',
  source: 'urn:example:shop',
  type: 'ringfence.call.place.v1',
  subject: 'acc_1',
  time: '2026-11-24T12:00:00.000Z',
  extensions: { mode: 'test' },
  data: Buffer.from('{}'),
};
const headersOf = (changes: Record<string, string | undefined> = {}) => {
  const headers: Record<string, string | undefined> = { ...binaryHeaders(event), ...changes };
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, text]) => (text === undefined ? [] : [[name, text]])),
  );
};

describe('a CloudEvent in binary mode', () => {
  it('is in headers as the Kafka binding of CloudEvents 1.0 says', () => {
    expect(binaryHeaders(event)).toEqual({
      'content-type': 'application/json',
      ce_specversion: '1.0',
      ce_id: 'cmd-1',
      ce_source: 'urn:example:shop',
      ce_type: 'ringfence.call.place.v1',
      ce_subject: 'acc_1',
      ce_time: '2026-11-24T12:00:00.000Z',
      ce_mode: 'test',
    });
  });

  it('is read as it was written', () => {
    const text = fc.string({ minLength: 1, maxLength: 50, unit: 'grapheme' });
    const optional = fc.option(text);
    const name = fc.stringMatching(/^x[a-z0-9]{1,15}$/);
    fc.assert(
      fc.property(text, text, text, optional, fc.dictionary(name, text), (id, source, type, subject, extensions) => {
        const made = { ...event, id, source, type, subject, extensions: { ...extensions } };
        expect(readBinary(binaryHeaders(made), made.data)).toEqual(made);
      }),
    );
  });

  it('may lack what is optional, and headers of others are let be', () => {
    const read = readBinary(headersOf({ ce_subject: undefined, ce_time: undefined, 'x-shop': '1' }), event.data);
    expect(read).toEqual({ ...event, subject: null, time: null });
  });

  it.each([
    [{ 'content-type': undefined }, /content-type must be application\/json/],
    [{ 'content-type': 'application/cloudevents+json' }, /binary mode/],
    [{ ce_specversion: '0.3' }, /ce_specversion must be 1\.0/],
    [{ ce_id: undefined }, /ce_id is missing/],
    [{ ce_source: '' }, /ce_source is missing/],
    [{ ce_type: undefined }, /ce_type is missing/],
    [{ ce_time: 'yesterday' }, /ce_time must be a moment/],
    [{ ce_time: '2026-13-45T12:00:00Z' }, /ce_time must be a moment/],
    [{ 'ce_Not-A-Name': '1' }, /extension attribute/],
    [{ ce_note: 'x'.repeat(4_097) }, /ce_note has more than 4096 characters/],
  ])('says why %j is none', (changes, reason) => {
    expect(readBinary(headersOf(changes), event.data)).toEqual({ fault: expect.stringMatching(reason) });
  });
});
