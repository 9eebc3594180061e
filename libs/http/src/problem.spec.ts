import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { refusalCatalogue } from '@ringfence/domain/refusals';
import {
  edgeProblem,
  edgeProblems,
  failureProblems,
  HttpProblem,
  presenterProblems,
  problemOfStatus,
  refusalProblems,
  problemType,
  rfc9457Body,
  status,
  telerBody,
} from './problem.js';
import { internalFailures } from './internal-failures.js';

const libs = fileURLToPath(new URL('../../', import.meta.url));
/** Sources that a request can reach: no command line, no client, no tests. */
const sources = readdirSync(libs, { recursive: true, encoding: 'utf8' }).filter(
  (path) => /\/src\/.*\.ts$/.test(path) && !/(\.spec|\.contract)\.ts$|^(testing|sdk)\/|\/dist\//.test(path),
);

describe('the catalogue of problems', () => {
  it('has a place for every refusal', () => {
    expect(Object.keys(refusalProblems).sort()).toEqual(Object.keys(refusalCatalogue).sort());
  });

  it('has a place, or a reason to be our own fault, for every code that any library fails with', () => {
    const codes = new Set(
      sources.flatMap((path) =>
        [...readFileSync(join(libs, path), 'utf8').matchAll(/new Failure\(\s*'([a-z_]+)'/g)].map(
          ([, code = '']) => code,
        ),
      ),
    );
    expect(codes.size).toBeGreaterThan(20);
    const known = new Set([...Object.keys(failureProblems), ...Object.keys(internalFailures)]);
    expect([...codes].filter((code) => !known.has(code)).sort()).toEqual([]);
  });

  it('answers a refusal about the presented key as unauthenticated', () => {
    for (const kind of Object.values(presenterProblems)) expect(kind.status).toBe(status.unauthorized);
  });

  it('writes errors as Teler does', () => {
    const errors = [{ in: 'body', path: ['to_number'], rule: 'e164', detail: 'is a number' }] as const;
    expect(telerBody(edgeProblem('validation_failed', 'to_number is a number', { errors }))).toEqual({
      success: false,
      message: 'to_number is a number',
      code: 'validation_failed',
      type: 'validation_error',
      errors: [{ loc: ['body', 'to_number'], msg: 'is a number', type: 'e164' }],
    });
    expect(telerBody(edgeProblem('not_found', 'no'))).not.toHaveProperty('errors');
  });

  it('writes problems as RFC 9457 does, fields by RFC 6901 pointers', () => {
    const errors = [
      { in: 'body', path: ['a/b~c'], rule: 'unknown_field', detail: 'no' },
      { in: 'query', path: ['limit'], rule: 'integer', detail: 'no' },
    ] as const;
    const problem = new HttpProblem('policy_invalid', refusalProblems.policy_invalid, 'no', {
      errors,
      position: 'log:1',
    });
    expect(rfc9457Body(problem, '/api/v1/keys?limit=a/b')).toEqual({
      type: '../../api/docs/problems#policy_invalid',
      title: refusalProblems.policy_invalid.title,
      status: 422,
      detail: 'no',
      code: 'policy_invalid',
      position: 'log:1',
      errors: [
        { pointer: '#/a~1b~0c', in: 'body', rule: 'unknown_field', detail: 'no' },
        { parameter: 'limit', in: 'query', rule: 'integer', detail: 'no' },
      ],
    });
  });

  it.each([
    '/',
    '/api/v1',
    '/nothing',
    '/api/v1/keys/key_1/revoke',
    '/api/v1/keys/',
    '/api/v1/a?b=/c/d',
    '//api//v1',
    '/%2f/x',
  ])('leads from %s to what describes the problem, below a proxy’s path prefix too', (url) => {
    const type = problemType('not_found', url);
    for (const prefix of ['', '/ringfence', '/deep/er'])
      expect(new URL(type, `https://example.com${prefix}${url}`).href).toBe(
        `https://example.com${prefix}/api/docs/problems#not_found`,
      );
    expect(problemType('not_found', `http://example.com${url}`)).toBe(type);
  });

  it('points to a member whose name is half a surrogate pair', () => {
    const path = ['\uD800', '\u{1F600}~/'];
    const errors = [{ in: 'body', path, rule: 'unknown', detail: 'is not known here' }] as const;
    expect(rfc9457Body(edgeProblem('validation_failed', 'no', { errors }), undefined)).toMatchObject({
      errors: [{ pointer: '#/%EF%BF%BD/%F0%9F%98%80~0~1' }],
    });
  });

  it('makes nothing worse of an error of the web framework than it is', () => {
    expect(problemOfStatus(413).code).toBe('body_too_large');
    expect(problemOfStatus(418)).toMatchObject({ code: 'bad_request', kind: edgeProblems.bad_request });
  });
});
