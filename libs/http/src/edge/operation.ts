import { applyDecorators, HttpCode, SetMetadata, type Type, UseGuards, UseInterceptors } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import type { ProblemCode, Status } from '../problem.js';
import { Access, AccessGuard, type AccessRule, type RouteModes } from './access.js';
import { CsvLists, ListOf } from './csv-lists.js';
import { describedOperation } from './described.js';
import type { JsonSchema } from './json-schema.js';
import { NoQueryGuard } from './no-query.js';

/** Describes a route to the guard, to OpenAPI, and to its spec, which exercises each of its problems. */
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
    /** The name of a component schema, or a schema that no other operation answers with. */
    readonly schema: string | JsonSchema;
    readonly mediaType?: string;
  };
  /** A command: takes an Idempotency-Key, answers with its position. */
  readonly command?: boolean;
  /** A read: takes `min_position`. */
  readonly read?: boolean;
  /** A list: `data` of its answer has the items of a page, which may be asked for as CSV. */
  readonly list?: boolean;
  /** Problems of this operation, beside those that every operation of its kind can answer. */
  readonly problems?: readonly ProblemCode[];
  /** Further statuses with the same body, which are no problems: readiness answers 503 with it. */
  readonly alsoAnswers?: readonly Status[];
  readonly extraHeaders?: readonly string[];
};
export const operationExtension = 'x-ringfence-operation';
const operationKey = Symbol('operation');

export function Operation(spec: OperationSpec): MethodDecorator {
  return <Handler>(target: object, name: string | symbol, descriptor: TypedPropertyDescriptor<Handler>) => {
    decoratorOf(spec, takesQuery(target.constructor, name))(target, name, descriptor);
  };
}

/** The handlers of a controller and the specs of their operations. */
export function operationsOf(controller: Type): readonly (readonly [handler: object, spec: OperationSpec])[] {
  const members = Object.values(Object.getOwnPropertyDescriptors(controller.prototype as object));
  return members.flatMap(({ value }: PropertyDescriptor) => {
    const handler: unknown = value;
    if (typeof handler !== 'function') return [];
    const spec = Reflect.getMetadata(operationKey, handler) as OperationSpec | undefined;
    return spec === undefined ? [] : [[handler, spec] as const];
  });
}

/** Nest keeps a table of what a handler is given; decorators of parameters run before those of their method. */
function takesQuery(controller: object, handler: string | symbol): boolean {
  const given = (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, handler) ?? {}) as object;
  return Object.keys(given).some((key) => key.startsWith(`${String(RouteParamtypes.QUERY)}:`));
}

function decoratorOf(spec: OperationSpec, takesQuery: boolean): MethodDecorator {
  const { id, summary, tag, access, answer } = spec;
  const sentences = [spec.description, access === null || access.operatorsOnly ? undefined : modesSay[access.modes]];
  const description = sentences.filter((sentence) => sentence !== undefined).join(' ');
  return applyDecorators(
    HttpCode(answer.status),
    describedOperation(
      { operationId: id, summary, tags: [tag], ...(description === '' ? {} : { description }) },
      { name: operationExtension, value: spec },
    ),
    SetMetadata(operationKey, spec),
    ...(spec.list === true ? [ListOf(answer.schema), UseInterceptors(CsvLists)] : []),
    ...(access === null ? [] : [Access(access), UseGuards(AccessGuard, ...(takesQuery ? [] : [NoQueryGuard]))]),
  );
}

/** The sentence of the description about the isolation of live and test. */
const modesSay: Readonly<Record<RouteModes, string | undefined>> = {
  own: 'A live key and a test key each reach what is of their own mode.',
  test_below: 'A test key reaches test keys alone; a live key both.',
  account: 'It concerns both modes of the account: a test key may not.',
  shared: undefined,
};
