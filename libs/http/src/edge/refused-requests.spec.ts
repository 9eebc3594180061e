import { beforeEach, describe, expect, it } from '@jest/globals';
import { type RequestKind, RefusedRequests, refusedRequestLimits } from './refused-requests.js';

const { rememberedMs, kindsMax } = refusedRequestLimits;
const refused = {
  account: 'acc_1',
  route: '/api/v1/voice/calls/initiate',
  answer: { status: 503, headers: [], body: '{}' },
};
let nowMs: number;
let requests: RefusedRequests;

beforeEach(() => {
  nowMs = 5_000;
  requests = new RefusedRequests({ monotonicMs: () => nowMs });
});

function place(secret: string, other: Partial<RequestKind> = {}): RequestKind {
  return { method: 'POST', url: '/api/v1/voice/calls/initiate', headers: { 'x-api-key': secret }, ...other };
}

describe('a request is like one that was refused', () => {
  it('if method, URL and secret are the same', () => {
    requests.note(place('one'), refused);
    expect(requests.like(place('one'))).toBe(refused);
  });

  it.each([
    ['another secret', place('two')],
    ['another secret elsewhere', place('one', { headers: { 'x-api-key': 'one', authorization: 'Bearer two' } })],
    ['another method', place('one', { method: 'PUT' })],
    ['another URL', place('one', { url: '/api/v1/keys' })],
  ])('but not with %s', (_what, request) => {
    requests.note(place('one'), refused);
    expect(requests.like(request)).toBeUndefined();
  });

  it('for a moment, counted from the first that is remembered', () => {
    requests.note(place('one'), refused);
    nowMs += rememberedMs;
    requests.note(place('two'), refused);
    expect(requests.like(place('one'))).toBe(refused);
    nowMs += 1;
    expect([requests.like(place('one')), requests.like(place('two'))]).toEqual([undefined, undefined]);
    requests.note(place('one'), refused);
    nowMs += rememberedMs;
    expect(requests.like(place('one'))).toBe(refused);
  });

  it('unless too many kinds are remembered already', () => {
    for (let at = 0; at <= kindsMax; at += 1) requests.note(place(String(at)), refused);
    expect(requests.like(place(String(kindsMax - 1)))).toBe(refused);
    expect(requests.like(place(String(kindsMax)))).toBeUndefined();
    nowMs += rememberedMs + 1;
    requests.note(place(String(kindsMax)), refused);
    expect(requests.like(place(String(kindsMax)))).toBe(refused);
  });
});
