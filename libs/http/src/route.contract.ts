import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Type } from '@nestjs/common';
import { invariant } from '@ringfence/kernel/invariant';
import { operationsOf } from './edge/operation.js';
import { isTelerPath } from './edge/problem.filter.js';
import { HttpProblem, type ProblemCode, problemKinds } from './problem.js';
import { isTwilioPath, twilioAnswer } from './edge/twilio-errors.js';
import { type RouteAnswer, RouteWorld } from './route-world.contract.js';

/**
 * One test that a route answers with a problem.
 * @param when completes the sentence "answers 404 not_found …"
 * @param ask brings the problem about; the answer is looked at here
 */
type ItAnswers = (code: ProblemCode, when: string, ask: (world: RouteWorld) => Promise<RouteAnswer>) => void;

/**
 * The problems of a route, each exercised over HTTP in one world for the whole file: those that its operations declare,
 * and no others.
 */
export function problemsOf(controller: Type): ItAnswers {
  const exercised: ProblemCode[] = [];
  let world: RouteWorld | undefined;
  beforeAll(async () => {
    if (exercised.length > 0) world = await RouteWorld.start();
  });
  afterAll(() => world?.stop());

  it('declares the problems that are exercised here, and no others', () => {
    const specs = operationsOf(controller).map(([, spec]) => spec);
    expect(specs.length).toBeGreaterThan(0);
    for (const { id, problems = [] } of specs)
      expect({ id, problems: [...problems].sort() }).toEqual({ id, problems: [...exercised].sort() });
  });

  return (code, when, ask) => {
    exercised.push(code);
    it(`answers ${String(problemKinds[code].status)} ${code} ${when}`, async () => {
      invariant(world !== undefined, 'the world was started');
      expectProblem(await ask(world), code);
    });
  };
}

/** An answer in the shape of errors that its part of the API has. */
export function expectProblem({ path, status, contentType, body }: RouteAnswer, code: ProblemCode): void {
  const kind = problemKinds[code];
  if (isTwilioPath(new URL(path, 'http://gateway/api/v1/').pathname)) {
    expectTwilioError({ status, body, contentType }, code);
    return;
  }
  expect({ status, body }).toMatchObject({ status: kind.status, body: { code } });
  if (isTelerPath(`/api/v1/${path}`)) {
    expect(body).toMatchObject({ success: false, message: expect.any(String), type: expect.any(String) });
    expect(contentType).toBe('application/json; charset=utf-8');
  } else {
    expect(body).toMatchObject({ title: kind.title, status, detail: expect.any(String), type: expect.any(String) });
    expect(contentType).toBe('application/problem+json; charset=utf-8');
  }
}

/** An answer in the form of Twilio's errors, whose numbers several problems share. */
function expectTwilioError({ status, body, contentType }: Omit<RouteAnswer, 'path'>, code: ProblemCode): void {
  const expected = twilioAnswer(new HttpProblem(code, problemKinds[code], ''));
  expect(status).toBe(expected.status);
  // A parameter may have a number of its own.
  const number = code === 'validation_failed' ? expect.any(Number) : (expected.body as { readonly code: number }).code;
  expect(body).toEqual({ code: number, message: expect.any(String), more_info: expect.any(String), status });
  expect(contentType).toBe('application/json; charset=utf-8');
}
