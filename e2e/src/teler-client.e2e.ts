import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PlatformProcess } from './platform-process.js';
import { TelerPython } from './teler-python.js';

/** The public Python client, as it comes from PyPI: a program written for it changes one base URL and nothing else. */
describe('the Teler client from PyPI', () => {
  let platform: PlatformProcess;
  let python: TelerPython;
  let output: Record<string, unknown>;

  beforeAll(async () => {
    [python, platform] = await Promise.all([
      TelerPython.install(),
      PlatformProcess.start({ env: { RINGFENCE_SANDBOX_SPEED: '50' } }),
    ]);
    output = await python.run('teler-client.py', platform, platform.keys.sandboxKey);
  });
  afterAll(async () => {
    await platform.discard();
    await python.discard();
  });

  it('places a call and reads back what it asked for', () => {
    expect(output['created']).toMatchObject({
      id: expect.stringMatching(/^cs_/),
      from_number: '+15005550100',
      to_number: '+15005550000',
      status_callback_url: 'http://127.0.0.1:9/status',
      record: false,
    });
  });

  it('retrieves it in every field that the client declares, up to its end', () => {
    const { id } = output['created'] as { id: string };
    expect(output['finished']).toMatchObject({
      id,
      account_id: platform.keys.accountId,
      state: 'completed',
      direction: 'outbound',
      reason: 'callee_hangup',
      properties: { mode: 'test' },
    });
  });

  it('asks the application for its flow, which the client builds and the platform understands', () => {
    const { id } = output['created'] as { id: string };
    const requests = output['flow_requests'] as readonly { readonly call_id: string }[];
    expect(requests.filter(({ call_id }) => call_id === id)).toMatchObject([
      { account_id: platform.keys.accountId, from_number: '+15005550100', to_number: '+15005550000' },
    ]);
  });

  it('lists its legs', () => {
    const { id } = output['created'] as { id: string };
    expect(output['legs']).toMatchObject([
      { id: expect.stringMatching(/^cl_/), call_session_id: id, state: 'completed', ended_by: 'callee' },
    ]);
  });

  it('pages through its calls by cursors, forwards and back', () => {
    expect(output['pages']).toEqual({ forwards: [2, 2, 1], back: 2, distinct: 5 });
  });

  it('filters them by state and by number', () => {
    expect(output['busy']).toEqual(['+15005550003']);
  });

  it('mutes, sends digits and plays on a live call, with the synchronous client and the asynchronous one', () => {
    const done = { request_id: expect.stringMatching(/^cmd_/), playback_id: null };
    const playing = { ...done, playback_id: expect.stringMatching(/^op_/) };
    const mutations = output['mutations'] as { readonly dtmf: readonly object[] };
    expect(mutations).toEqual({
      mute: [done, done],
      dtmf: [done, done],
      play: playing,
      asynchronous: [done, done, playing],
      other_leg: ['ConflictException', 409],
    });
    // The same Idempotency-Key: one request, sent once.
    expect(mutations.dtmf[0]).toEqual(mutations.dtmf[1]);
  });

  it('hangs a live call up, and gets the same answer when it retries with the same key', () => {
    expect(output['hangup']).toMatchObject({
      request_id: expect.any(String),
      again: true,
      state: 'completed',
      reason: 'caller_hangup',
    });
  });

  it('lists the numbers of its account, finds them by what they contain and by place, and renames one', () => {
    const { own } = output['numbers'] as { readonly own: { readonly id: string } };
    const number = {
      id: expect.stringMatching(/^vn_/),
      account_id: platform.keys.accountId,
      number: '+15005550100',
      location: { country: 'US', kind: 'sandbox', locality: null },
      voice_app: null,
      sip_trunk: null,
    };
    expect(output['numbers']).toEqual({
      own: { ...number, name: null },
      renamed: { ...number, name: 'Support line' },
      found: [[own.id], [own.id], [], []],
    });
  });

  it('raises the exception of its own that each refusal stands for', () => {
    expect(output['raised']).toEqual({
      wrong_key: ['UnauthorizedException', 401],
      unknown_call: ['NotFoundException', 404],
      wrong_number: ['UnprocessableRequestException', 422],
      unknown_number: ['NotFoundException', 404],
      call_over: ['ConflictException', 409],
      costly: ['ForbiddenException', 403],
    });
    expect(output['wrong_number_details']).toMatchObject([
      { loc: ['body', 'to_number'], msg: expect.any(String), type: 'e164' },
    ]);
  });
});
