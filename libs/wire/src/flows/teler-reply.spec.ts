import { describe, expect, it } from '@jest/globals';
import { expectationOf, readTelerReply } from './teler-reply.js';

const stream = { action: 'stream', ws_url: 'wss://agent.example.com/media' };
const dial = { action: 'dial', to: '+15005550000' };
const read = (reply: unknown) => readTelerReply(JSON.stringify(reply));

describe('a reply of the Teler API', () => {
  it('is read as the stock client builds a stream', () => {
    expect(read({ ...stream, sample_rate: '16k', chunk_size: 500, record: false })).toEqual({
      action: {
        ...{ kind: 'stream', wsUrl: stream.ws_url, sampleRate: '16k', chunkMs: 500, record: false },
        ...{ protocol: 'teler', name: null, parameters: [], next: null },
      },
    });
  });

  it('gets the defaults of the stock client', () => {
    expect(read(stream)).toMatchObject({ action: { sampleRate: '8k', chunkMs: 400, record: true } });
    expect(read(dial)).toMatchObject({
      action: { ringTimeoutMs: 30_000, record: 'none', ringback: 'passthrough', customHeaders: [], onBusy: null },
    });
  });

  it('is read as a play, with and without a flow next', () => {
    const media_url = 'https://media.example.com/a.mp3';
    expect(read({ action: 'play', media_url })).toMatchObject({ action: { mediaUrl: media_url, next: null } });
    const flow_url = 'https://app.example.com/next';
    expect(read({ action: 'play', media_url, flow_url })).toMatchObject({
      action: { next: { url: flow_url, method: 'POST' } },
    });
  });

  it('is read as a hang-up', () => {
    expect(read({ action: 'hangup' })).toEqual({ action: { kind: 'hangup' } });
  });

  it('is read as a dial with everything that it can have', () => {
    const media_url = 'https://media.example.com/a.mp3';
    const reply = {
      ...dial,
      to: 'sip:agent@pbx.example.com:5061',
      timeout: 600,
      record: 'per_leg',
      custom_headers: { 'X-Ticket': '42', 'x-name': 'Zoë' },
      status_callback_url: 'https://app.example.com/status',
      ringback: 'suppress',
      dial_music: { action: 'play', media_url, loop: 3 },
      confirm_sound: { action: 'play', media_url },
      on_no_answer: { action: 'hangup' },
      on_busy: { action: 'play', media_url },
      on_failure: { action: 'hangup' },
    };
    expect(read(reply)).toMatchObject({
      action: {
        kind: 'dial',
        ringTimeoutMs: 600_000,
        record: 'per_leg',
        customHeaders: [
          { name: 'X-Ticket', value: '42' },
          { name: 'x-name', value: 'Zoë' },
        ],
        dialMusic: { kind: 'play', timesPlayed: 3 },
        onNoAnswer: { kind: 'hangup' },
      },
    });
  });

  const manyHeaders = Object.fromEntries(Array.from({ length: 17 }, (_, at) => [`X-${String(at)}`, 'a']));
  it.each([
    { reply: [], code: 'reply_not_json', pointer: null },
    { reply: 'hangup', code: 'reply_not_json', pointer: null },
    { reply: {}, code: 'member_missing', pointer: '/action' },
    { reply: { action: 'Stream' }, code: 'action_unknown', pointer: '/action' },
    { reply: { action: 1 }, code: 'action_unknown', pointer: '/action' },
    { reply: { action: 'stream' }, code: 'member_missing', pointer: '/ws_url' },
    { reply: { action: 'stream', ws_url: null }, code: 'member_missing', pointer: '/ws_url' },
    { reply: { ...stream, ws_url: 'https://agent.example.com/' }, code: 'member_invalid', pointer: '/ws_url' },
    { reply: { ...stream, ws_url: 'wss://user:pw@example.com/' }, code: 'member_invalid', pointer: '/ws_url' },
    { reply: { ...stream, sample_rate: '48k' }, code: 'member_invalid', pointer: '/sample_rate' },
    { reply: { ...stream, sample_rate: 8000 }, code: 'member_invalid', pointer: '/sample_rate' },
    { reply: { ...stream, chunk_size: 0 }, code: 'member_invalid', pointer: '/chunk_size' },
    { reply: { ...stream, chunk_size: 30 }, code: 'member_invalid', pointer: '/chunk_size' },
    { reply: { ...stream, chunk_size: 2_020 }, code: 'member_invalid', pointer: '/chunk_size' },
    { reply: { ...stream, record: 'yes' }, code: 'member_invalid', pointer: '/record' },
    { reply: { ...stream, flow_ulr: '' }, code: 'member_unknown', pointer: null },
    { reply: { action: 'hangup', reason: 'bye' }, code: 'member_unknown', pointer: null },
    { reply: { action: 'play' }, code: 'member_missing', pointer: '/media_url' },
    { reply: { action: 'play', media_url: 'a.mp3' }, code: 'member_invalid', pointer: '/media_url' },
    { reply: { action: 'play', media_url: 'https://a.b/c', loop: 2 }, code: 'member_unknown', pointer: null },
    { reply: { action: 'dial' }, code: 'member_missing', pointer: '/to' },
    { reply: { ...dial, to: '5005550000' }, code: 'member_invalid', pointer: '/to' },
    { reply: { ...dial, to: 'sip:nobody' }, code: 'member_invalid', pointer: '/to' },
    { reply: { ...dial, timeout: 0 }, code: 'member_invalid', pointer: '/timeout' },
    { reply: { ...dial, timeout: 601 }, code: 'member_invalid', pointer: '/timeout' },
    { reply: { ...dial, timeout: 1.5 }, code: 'member_invalid', pointer: '/timeout' },
    { reply: { ...dial, record: 'dual' }, code: 'member_invalid', pointer: '/record' },
    { reply: { ...dial, ringback: 'none' }, code: 'member_invalid', pointer: '/ringback' },
    { reply: { ...dial, custom_headers: { Ticket: '1' } }, code: 'member_invalid', pointer: '/custom_headers' },
    { reply: { ...dial, custom_headers: { 'X-A': 1 } }, code: 'member_invalid', pointer: '/custom_headers' },
    {
      reply: { ...dial, custom_headers: { 'X-A': 'a\r\nVia: b' } },
      code: 'member_invalid',
      pointer: '/custom_headers',
    },
    {
      reply: { ...dial, custom_headers: { 'X-A': 'ë'.repeat(129) } },
      code: 'member_invalid',
      pointer: '/custom_headers',
    },
    {
      reply: { ...dial, custom_headers: { 'X-A': 'a', 'x-a': 'b' } },
      code: 'member_invalid',
      pointer: '/custom_headers',
    },
    { reply: { ...dial, custom_headers: manyHeaders }, code: 'member_invalid', pointer: '/custom_headers' },
    { reply: { ...dial, custom_headers: { 'X-A': '' } }, code: 'member_invalid', pointer: '/custom_headers' },
    { reply: { ...dial, custom_headers: [] }, code: 'member_invalid', pointer: '/custom_headers' },
    { reply: { ...dial, on_busy: 'hangup' }, code: 'member_invalid', pointer: '/on_busy' },
    { reply: { ...dial, on_busy: {} }, code: 'member_missing', pointer: '/on_busy/action' },
    { reply: { ...dial, on_busy: dial }, code: 'action_unknown', pointer: '/on_busy/action' },
    { reply: { ...dial, on_busy: { action: 'play' } }, code: 'member_missing', pointer: '/on_busy/media_url' },
    {
      reply: { ...dial, on_failure: { action: 'play', media_url: 'https://a.b/c', loop: 0 } },
      code: 'member_invalid',
      pointer: '/on_failure/loop',
    },
    { reply: { ...dial, on_busy: { action: 'hangup', loop: 1 } }, code: 'member_unknown', pointer: '/on_busy' },
  ])('is refused with $code at $pointer: $reply', ({ reply, code, pointer }) => {
    const result = read(reply);
    expect(result).toMatchObject({ fault: { code, pointer } });
    if ('fault' in result) expect(expectationOf(result.fault)).toMatch(/^(?:is|has) /);
  });

  it.each(['', 'hangup', '{"action":"hangup"', '<Response/>', '\u{feff}{}'])(
    'is refused unless it is JSON: %j',
    (text) => {
      expect(readTelerReply(text)).toMatchObject({ fault: { code: 'reply_not_json' } });
    },
  );

  it('says what would be right at the member, for the action that has it', () => {
    const of = (reply: unknown) => {
      const result = read(reply);
      return 'fault' in result ? expectationOf(result.fault) : 'valid';
    };
    expect(of({ ...stream, record: 'stereo' })).toBe('is true or false');
    expect(of({ ...dial, record: 'dual' })).toBe('is false, true, "stereo", "mono" or "per_leg"');
    expect(of({ ...dial, on_busy: { action: 'play' } })).toMatch(/^is an absolute http\(s\) URL/);
    expect(of({ action: 'dail' })).toBe('is one of stream, play, hangup, dial');
  });

  it('reads no member from the prototype of objects', () => {
    expect(readTelerReply('{"action":"constructor"}')).toMatchObject({ fault: { code: 'action_unknown' } });
    expect(readTelerReply('{"action":"play","__proto__":{"media_url":"https://a.b/c"}}')).toMatchObject({
      fault: { code: 'member_unknown' },
    });
  });
});
