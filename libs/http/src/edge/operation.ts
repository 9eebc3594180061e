import { applyDecorators, HttpCode, UseGuards } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import { ApiExtension, ApiOperation } from '@nestjs/swagger';
import type { Status } from '../problem.js';
import { Access, AccessGuard, type AccessRule, type RouteModes } from './access.js';
import { NoQueryGuard } from './no-query.js';

/** What a route says of itself: to the guard, to the answer's status, and to OpenAPI. */
export type OperationSpec = {
  /** OpenAPI's operationId. */
  readonly id: string;
  readonly tag: 'Calls' | 'Accounts' | 'Keys' | 'Usage' | 'Ledger' | 'Audit' | 'Numbers' | 'Rates' | 'Operations';
  readonly summary: string;
  readonly description?: string;
  /** null: open to everybody. */
  readonly access: AccessRule | null;
  readonly answer: {
    readonly status: Status;
    readonly description: string;
    /** Name of a component schema. */
    readonly schema: string;
    readonly mediaType?: string;
  };
  /** A command: takes an Idempotency-Key, answers with its position. */
  readonly command?: boolean;
  /** A read: takes `min_position`. */
  readonly read?: boolean;
  readonly problems?: readonly string[];
  /** More statuses that are an answer, not a problem: readiness says no with the same body. */
  readonly alsoAnswers?: readonly Status[];
  readonly extraHeaders?: readonly string[];
};
export const operationExtension = 'x-ringfence-operation';

export function Operation(words: OperationSpec): MethodDecorator {
  return <Handler>(target: object, name: string | symbol, descriptor: TypedPropertyDescriptor<Handler>) => {
    decoratorOf(words, takesQuery(target.constructor, name))(target, name, descriptor);
  };
}

/** Of what a handler is given Nest keeps a table; the decorators of parameters have run before those of their method. */
function takesQuery(controller: object, handler: string | symbol): boolean {
  const given = (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, handler) ?? {}) as object;
  return Object.keys(given).some((key) => key.startsWith(`${String(RouteParamtypes.QUERY)}:`));
}

function decoratorOf(words: OperationSpec, takesQuery: boolean): MethodDecorator {
  const { id, summary, tag, access, answer } = words;
  const sentences = [words.description, access === null || access.operatorsOnly ? undefined : modesSay[access.modes]];
  const description = sentences.filter((sentence) => sentence !== undefined).join(' ');
  return applyDecorators(
    HttpCode(answer.status),
    ApiOperation({ operationId: id, summary, tags: [tag], ...(description === '' ? {} : { description }) }),
    ApiExtension(operationExtension, words),
    ...(access === null ? [] : [Access(access), UseGuards(AccessGuard, ...(takesQuery ? [] : [NoQueryGuard]))]),
  );
}

/** What a description says of the wall between live and test. */
const modesSay: Readonly<Record<RouteModes, string | undefined>> = {
  own: 'A live key and a test key each reach what is of their own mode.',
  test_below: 'A test key reaches test keys alone; a live key both.',
  account: 'It concerns both modes of the account: a test key may not.',
  shared: undefined,
};
