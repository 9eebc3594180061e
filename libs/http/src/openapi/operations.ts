import type { OpenAPIObject } from '@nestjs/swagger';
import { operationExtension, type OperationSpec } from '../edge/operation.js';
import { isTelerPath } from '../edge/problem.filter.js';
import { csvMediaType } from '../edge/accepts-csv.js';
import { csvColumnsOf } from '../edge/csv-columns.js';
import { problemKinds, status } from '../problem.js';
import { id, type JsonSchema, ref } from '../edge/json-schema.js';
import { componentSchemas } from './component-schemas.js';

type OperationObject = NonNullable<OpenAPIObject['paths'][string]['get']>;
type Described = { readonly [name: string]: unknown };

const pathParameters: Readonly<Record<string, JsonSchema>> = {
  call_id: { ...id('cs'), description: 'The call.' },
  account_id: { ...id('acc'), description: 'The account.' },
  key_id: { ...id('key'), description: 'The key.' },
  voice_app_id: { ...id('va'), description: 'The voice app.' },
  sip_trunk_id: { ...id('st'), description: 'The SIP trunk.' },
  ip_acl_id: { ...id('acl'), description: 'The IP list.' },
  secret_id: { ...id('sec'), description: 'The webhook secret.' },
  number_id: { ...id('vn'), description: 'The number.' },
};

const headers: Readonly<Record<string, Described>> = {
  'Ringfence-Position': {
    description: 'Of a command: the position of its outcome in the log. Of a stale read: how far it has come.',
    schema: { type: 'string' },
  },
  'Ringfence-Stale': {
    description: '`true`: the read model is behind; the answer may lack what the account has written last.',
    schema: { type: 'string', enum: ['true'] },
  },
  'Idempotent-Replayed': {
    description: '`true`: this is the outcome of an earlier request with the same Idempotency-Key.',
    schema: { type: 'string' },
  },
  'Idempotency-Key': {
    description: 'After a command: the key that leads to this very command, the client’s own or one made up for it.',
    schema: { type: 'string' },
  },
  Link: {
    description: 'Of a page as CSV: the next one (`rel="next"`) and the one before (`rel="prev"`).',
    schema: { type: 'string' },
  },
  RateLimit: { description: 'As the IETF draft has it: what is left of the key’s rate.', schema: { type: 'string' } },
  'RateLimit-Policy': { description: 'As the IETF draft has it: the key’s rate.', schema: { type: 'string' } },
  'Retry-After': { description: 'Seconds after which to try again.', schema: { type: 'string', pattern: '^[0-9]+$' } },
  'WWW-Authenticate': { description: 'How to authenticate.', schema: { type: 'string' } },
};

/** Statuses of problems, with their general meaning. */
const statusTitles: Readonly<Record<number, string>> = {
  [status.badRequest]: 'The request cannot be read',
  [status.unauthorized]: 'No API key, or one that is not accepted',
  [status.forbidden]: 'The key may not do this',
  [status.notFound]: 'Resource not found',
  [status.conflict]: 'Conflict with the current state',
  [status.gone]: 'Too old for this',
  [status.contentTooLarge]: 'The body is too large',
  [status.uriTooLong]: 'The URL is too long',
  [status.unsupportedMediaType]: 'The body is not application/json',
  [status.unprocessable]: 'Validation failed',
  [status.tooManyRequests]: 'Too many requests',
  [status.headersTooLarge]: 'The headers are too large',
  [status.internalError]: 'Internal error',
  [status.unavailable]: 'Temporarily unavailable',
  [status.gatewayTimeout]: 'No reply in time; the outcome of the command is unknown',
};

const retried: readonly number[] = [status.tooManyRequests, status.unavailable, status.gatewayTimeout];
/** Statuses after which the outcome of a command is unknown. */
const unanswered: readonly number[] = [status.unavailable, status.gatewayTimeout];

/** Every problem as a response, in both shapes; operations refer to them. */
export const responseComponents: Readonly<Record<string, Described>> = Object.fromEntries(
  Object.entries(statusTitles).flatMap(([code, description]) => {
    const answered = Number(code);
    const extra = {
      ...(retried.includes(answered) ? headersNamed(['Retry-After']) : {}),
      ...(unanswered.includes(answered) ? headersNamed(['Idempotency-Key']) : {}),
      ...(answered === status.unauthorized ? headersNamed(['WWW-Authenticate']) : {}),
    };
    const response = (mediaType: string, schema: string) => ({
      description,
      ...(Object.keys(extra).length === 0 ? {} : { headers: extra }),
      content: { [mediaType]: { schema: ref(schema) } },
    });
    return [
      [`Problem${code}`, response('application/problem+json', 'Problem')],
      [`TelerError${code}`, response('application/json', 'TelerError')],
    ];
  }),
);

/** Completes what the framework has read from a route with the route's own spec. */
export function documentOperation(path: string, operation: OperationObject): OperationObject {
  const { [operationExtension]: extension, ...rest } = operation as OperationObject & Record<string, unknown>;
  const spec = extension as OperationSpec;
  return {
    ...(rest as OperationObject),
    parameters: parametersOf(rest, spec) as never,
    responses: responsesOf(path, operation, spec) as never,
    security: spec.access === null ? [] : [{ apiKey: [] }, { bearer: [] }],
    ...(spec.access === null ? {} : { description: descriptionOf(spec) }),
  };
}

function descriptionOf({ description: text, access, problems = [] }: OperationSpec): string {
  const scopes = access?.scopes.map((scope) => `\`${scope}\``).join(' or ') ?? '';
  const refusals = problems.map((code) => `\`${code}\` (${String(problemKinds[code].status)})`).join(', ');
  return [text, `Scope: ${scopes}.`, refusals === '' ? undefined : `May be refused with ${refusals}.`]
    .filter((line) => line !== undefined)
    .join('\n\n');
}

function parametersOf(operation: OperationObject, { command = false }: OperationSpec): readonly Described[] {
  const known = (operation.parameters ?? []) as unknown as readonly (Described & { in: string; name: string })[];
  const described = known.map((parameter) => {
    const schema = parameter.in === 'path' ? pathParameters[parameter.name] : undefined;
    if (schema === undefined) return parameter;
    const { description, ...rest } = schema;
    return { ...parameter, description, schema: rest };
  });
  if (!command) return described;
  const idempotencyKey = {
    name: 'Idempotency-Key',
    in: 'header',
    required: false,
    description:
      '1 to 255 printable ASCII characters. The same key gives the same outcome, for ever; with other fields it is a 409.',
    schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[ -~]+$' },
  };
  return [...described, idempotencyKey];
}

function responsesOf(
  path: string,
  operation: OperationObject,
  spec: OperationSpec,
): Readonly<Record<string, Described>> {
  const { answer, command = false, read = false, list = false, extraHeaders = [], alsoAnswers = [], emptyIf } = spec;
  const names = [
    ...(command ? ['Ringfence-Position', 'Idempotent-Replayed'] : []),
    ...(read ? ['Ringfence-Stale', 'Ringfence-Position'] : []),
    ...(list ? ['Link'] : []),
    ...extraHeaders,
  ];
  const success = {
    description: answer.description,
    ...(names.length === 0 ? {} : { headers: headersNamed(names) }),
    content: {
      [answer.mediaType ?? 'application/json']: {
        schema: typeof answer.schema === 'string' ? ref(answer.schema) : answer.schema,
      },
      ...(list ? { [csvMediaType]: csvContent(answer.schema) } : {}),
    },
  };
  const shape = isTelerPath(path) ? 'TelerError' : 'Problem';
  const problems = problemStatuses(operation, spec).map((code) => [
    String(code),
    { $ref: `#/components/responses/${shape}${String(code)}` },
  ]);
  const also = alsoAnswers.map((code) => [String(code), { ...success, description: 'Some part is not ready.' }]);
  const empty = emptyIf === undefined ? [] : [[String(status.noContent), { description: emptyIf }]];
  return Object.fromEntries([[String(answer.status), success], ...empty, ...problems, ...also]) as Record<
    string,
    Described
  >;
}

/** Describes a list as CSV, with the header line that every page has. */
function csvContent(list: string | JsonSchema): Described {
  const header = csvColumnsOf(list, componentSchemas).map((column) => column.join('.'));
  return {
    schema: { type: 'string', description: 'RFC 4180 in UTF-8: a line of column names, then a line for each item.' },
    example: `${header.join(',')}\r\n`,
  };
}

function problemStatuses(
  operation: OperationObject,
  { access, problems = [], command = false, read = false }: OperationSpec,
) {
  const statuses = new Set<number>([
    status.badRequest,
    status.uriTooLong,
    status.headersTooLarge,
    status.internalError,
  ]);
  const add = (...more: readonly number[]) => {
    for (const each of more) statuses.add(each);
  };
  // Every query is validated, even if a route takes none.
  if (access !== null) add(status.unauthorized, status.forbidden, status.unprocessable, status.unavailable);
  if (operation.requestBody !== undefined) add(status.contentTooLarge, status.unsupportedMediaType);
  if (command) add(status.conflict, status.notFound, status.gatewayTimeout);
  if (access !== null && !command) add(status.tooManyRequests);
  if (read) add(status.conflict, status.notFound);
  for (const code of problems) add(problemKinds[code].status);
  return [...statuses].sort((left, right) => left - right);
}

function headersNamed(names: readonly string[]): Described {
  return Object.fromEntries(names.map((name) => [name, headers[name]]));
}
