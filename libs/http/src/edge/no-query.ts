import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { invalidFields } from './invalid-fields.js';

/** Guards a route without query parameters: parameters that would have no effect are refused, as everywhere else. */
export class NoQueryGuard implements CanActivate {
  /** @throws HttpProblem `validation_failed` */
  canActivate(context: ExecutionContext): boolean {
    const { query } = context.switchToHttp().getRequest<FastifyRequest>();
    const unknown = typeof query === 'object' && query !== null ? Object.keys(query) : [];
    if (unknown.length > 0) throw invalidFields({ wrong: [], unknown, repeated: [] }, 'query');
    return true;
  }
}
