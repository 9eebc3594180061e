import { applyDecorators, HttpCode, SetMetadata, type Type, UseGuards, UseInterceptors } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import type { ProblemCode, Status } from '../problem.js';
import { Access, AccessGuard, type AccessRule, type RouteModes } from './access.js';
import { CsvLists, ListOf } from './csv-lists.js';
import { describedOperation } from './described.js';
import type { JsonSchema } from './json-schema.js';
import { NoQueryGuard } from './no-query.js';
import type { ReadSize } from './read-bounds.js';

/** Description of a route for the guard, for OpenAPI, and for its spec, which exercises each of its problems. */
export type OperationSpec = {
  /** OpenAPI's operationId. */
  readonly id: string;
  readonly tag:
    | 'Calls'
    | 'Accounts'
    | 'Keys'
    | 'Usage'
    | 'Ledger'
    | 'Audit'
    | 'Numbers'
    | 'Rates'
    | 'Apps'
    | 'Trunks'
    | 'Webhooks'
    | 'Twilio'
    | 'Operations';
  readonly summary: string;
  readonly description?: string;
  /** null: no key is needed. */
  readonly access: AccessRule | null;
  readonly answer: {
    readonly status: Status;
    readonly description: string;
    /** The name of a component schema, or a schema that no other operation uses. */
    readonly schema: string | JsonSchema;
    readonly mediaType?: string;
  };
  /** True for a command, which takes an Idempotency-Key and answers with its position. */
  readonly command?: boolean;
  /** True for a command that ends or takes away something, which is admitted however many others wait. */
  readonly urgent?: boolean;
  /** True for a read, which takes `min_position`. */
  readonly read?: boolean;
  /** The size of its reads; default: `any`. */
  readonly reads?: ReadSize;
  /** True for a list, whose answer has the items of a page in `data` and is available as CSV. */
  readonly list?: boolean;
  /** Description of the case in which it answers 204, without a body; by default it never does. */
  readonly emptyIf?: string;
  /** Problems of this operation, besides those of every operation of its kind. */
  readonly problems?: readonly ProblemCode[];
  /** Further statuses with the same body, which are not problems, such as the 503 of readiness. */
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

/** Looks up Nest's table of a handler's parameters, whose decorators run before those of the method. */
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
    ...(access === null
      ? []
      : [Access(access, spec.reads, spec.urgent), UseGuards(AccessGuard, ...(takesQuery ? [] : [NoQueryGuard]))]),
  );
}

/** The sentence about the isolation of live and test in the description. */
const modesSay: Readonly<Record<RouteModes, string | undefined>> = {
  own: 'A live key and a test key each reach what is of their own mode.',
  test_below: 'A test key reaches test keys alone; a live key both.',
  account: 'It concerns both modes of the account: a test key may not.',
  shared: undefined,
};
