import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { parseLogId } from '@ringfence/kernel/ids';
import { position } from '@ringfence/kernel/units';
import fc from 'fast-check';
import { PlaceCallBody } from '../calls/place-call.js';
import { ListCallsQuery } from '../calls/list-calls.js';
import { HttpProblem } from '../problem.js';
import { cursorParts, cursorText } from './cursors.js';
import { positionFrom, positionTokenOf } from './positions.js';
import { isTelerPath } from './problem.filter.js';
import { RouteTable } from './route-table.js';
import { validatedBody, validatedQuery } from './validated.js';

const logId = parseLogId('log_01K9Z000000000000000000000');
const otherLog = parseLogId('log_01K9Z000000000000000000001');
const right = { from_number: '+15005550100', to_number: '+15005550000', flow_url: 'https://example.com/f' };
const meta = { type: 'body' } as const;

function codeOf(act: () => unknown): string | undefined {
  try {
    act();
    return undefined;
  } catch (thrown) {
    return thrown instanceof HttpProblem ? thrown.code : String(thrown);
  }
}

describe('positions', () => {
  it('come back as they were', () => {
    if (logId === undefined || otherLog === undefined) throw new Error('an id of this spec is none');
    expect(positionFrom(positionTokenOf(logId, position(42)), logId)).toBe(42);
    expect(codeOf(() => positionFrom(positionTokenOf(otherLog, position(42)), logId))).toBe('position_of_other_log');
    for (const wrong of ['', '42', `${logId}:`, `${logId}:-1`, `${logId}:042`, `${logId}:1e3`])
      expect(codeOf(() => positionFrom(wrong, logId))).toBe('position_invalid');
  });
});

describe('cursors', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (at) => {
        expect(cursorParts(cursorText([at]), ['number'] as const)).toEqual([at]);
      }),
    );
  });

  it('are rejected when they are not ours', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const code = codeOf(() => cursorParts(text, ['number'] as const));
        expect([undefined, 'cursor_invalid']).toContain(code);
      }),
    );
    expect(codeOf(() => cursorParts(cursorText([1, 2]), ['number'] as const))).toBe('cursor_invalid');
    expect(codeOf(() => cursorParts(cursorText([-1]), ['number'] as const))).toBe('cursor_invalid');
  });
});

describe('a body', () => {
  const pipe = validatedBody(PlaceCallBody);

  it('is read bare or under data, and what may be left out may be null', () => {
    expect(pipe.transform(right, meta)).toMatchObject(right);
    expect(pipe.transform({ data: right }, meta)).toMatchObject(right);
    expect(pipe.transform({ ...right, record: null, status_callback_url: null }, meta)).toMatchObject({ record: null });
  });

  it('never becomes anything but its fields, whatever is sent', () => {
    fc.assert(
      fc.property(fc.oneof(fc.object(), fc.jsonValue()), (sent) => {
        const code = codeOf(() => pipe.transform(sent, meta));
        expect(code).toBe('validation_failed');
      }),
    );
    expect(codeOf(() => pipe.transform(JSON.parse(`{"__proto__":{"x":1}}`), meta))).toBe('validation_failed');
    expect(codeOf(() => pipe.transform({ ...right, toString: 'x' }, meta))).toBe('validation_failed');
  });
});

describe('a query', () => {
  const pipe = validatedQuery(ListCallsQuery);

  it('reads numbers where numbers are meant', () => {
    expect(pipe.transform({ limit: '7', state: 'ringing' }, { type: 'query' })).toMatchObject({
      limit: 7,
      state: 'ringing',
    });
    expect(codeOf(() => pipe.transform({ limit: '7.5' }, { type: 'query' }))).toBe('validation_failed');
  });

  it('says so of a parameter that is given more than once, and of one that there is not', () => {
    const errorsOf = (query: object) => {
      try {
        return pipe.transform(query, { type: 'query' });
      } catch (thrown) {
        return thrown instanceof HttpProblem ? [thrown.detail, thrown.extras.errors] : thrown;
      }
    };
    const detail = 'is given more than once';
    const repeated = (name: string) => ({ in: 'query', path: [name], rule: 'repeated', detail });
    expect(errorsOf({ limit: ['7', '8'], state: ['ringing', 'ringing'] })).toEqual([
      'limit is given more than once',
      [repeated('limit'), repeated('state')],
    ]);
    expect(errorsOf({ 'limit[]': ['7', '8'] })).toEqual([
      'limit[] is not a query parameter of this request',
      [expect.objectContaining({ rule: 'unknown_field' })],
    ]);
  });
});

describe('the route table', () => {
  it('knows the methods of a path, parameters and all', () => {
    const routes = new RouteTable();
    routes.add('/calls/:call_id', ['GET', 'HEAD']);
    routes.add('/calls/initiate', ['POST']);
    expect(routes.methodsAt('/calls/initiate?x=1')).toEqual(['GET', 'HEAD', 'POST']);
    expect(routes.methodsAt('/calls/a/b')).toEqual([]);
  });
});

describe('the two shapes of errors', () => {
  it.each([
    ['/api/v1/voice/calls/initiate', true],
    ['/api/v1/calls/initiate', true],
    ['/api/v1/voice/calls?limit=1', true],
    ['/api/v1/voice/calls/cs_1/authorization', false],
    ['/api/v1/voice/calls/cs_1/authorization?x=1', false],
    ['/api/v1/keys', false],
    ['/nothing', false],
  ])('%s speaks Teler: %s', (url, teler) => {
    expect(isTelerPath(url)).toBe(teler);
  });
});
