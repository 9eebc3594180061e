import { describe, expect, it } from '@jest/globals';
import { Failure } from '@ringfence/kernel/failure';
import { fastify } from 'fastify';
import { edgeProblems, failureProblems, HttpProblem, type ProblemKind, refusalProblems, status } from '../problem.js';
import { ProblemFilter } from './problem.filter.js';
import { RouteTable } from './route-table.js';

/** Answer that a client gets when this is thrown, on a route of its own. */
async function answerTo(thrown: Error) {
  const filter = new ProblemFilter(new RouteTable(), () => undefined);
  const app = fastify();
  app.get('/', (request, reply) => {
    filter.answer(thrown, request, reply);
  });
  const answer = await app.inject('/');
  await app.close();
  return answer;
}

const unavailable = (kinds: Readonly<Record<string, ProblemKind>>) =>
  Object.entries(kinds).filter(([, { status: answered }]) => answered === status.unavailable);

describe('whatever is not available', () => {
  it.each(unavailable(failureProblems))('says when to try again, though its failure does not: %s', async (code) => {
    const answer = await answerTo(new Failure(code, 'not now', false));
    expect([answer.statusCode, answer.headers['retry-after'], answer.json()]).toMatchObject([503, '1', { code }]);
  });

  it.each(unavailable({ ...edgeProblems, ...refusalProblems }))(
    'says when to try again, though its problem does not: %s',
    async (code, kind) => {
      const answer = await answerTo(new HttpProblem(code, kind, 'not now'));
      expect([answer.statusCode, answer.headers['retry-after'], answer.json()]).toMatchObject([503, '1', { code }]);
    },
  );

  it('says what is known better, in whole seconds', async () => {
    const problem = new HttpProblem('overloaded', refusalProblems.overloaded, 'not now', { retryAfterMs: 2_001 });
    expect((await answerTo(problem)).headers['retry-after']).toBe('3');
  });

  it('says no such thing of what time does not cure', async () => {
    const problem = new HttpProblem('not_found', edgeProblems.not_found, 'no');
    expect((await answerTo(problem)).headers).not.toHaveProperty('retry-after');
  });
});
