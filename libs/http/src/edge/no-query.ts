import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { NoFields } from './no-fields.js';
import { validatedQuery } from './validated.js';

const noQuery = validatedQuery(NoFields);

/** Guards a route that takes no query: a parameter that would have no effect is refused, as everywhere else. */
export class NoQueryGuard implements CanActivate {
  /** @throws HttpProblem `validation_failed` */
  canActivate(context: ExecutionContext): boolean {
    noQuery.transform(context.switchToHttp().getRequest<FastifyRequest>().query, { type: 'query' });
    return true;
  }
}
