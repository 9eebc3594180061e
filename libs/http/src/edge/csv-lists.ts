import {
  type CallHandler,
  type ExecutionContext,
  Inject,
  Injectable,
  type NestInterceptor,
  SetMetadata,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { map, type Observable } from 'rxjs';
import { getOrInsert } from '@ringfence/kernel/get-or-insert';
import { csvMediaType, prefersCsv } from './accepts-csv.js';
import { type CsvColumn, csvColumnsOf, valueAt } from './csv-columns.js';
import { csvText } from './csv-text.js';
import type { JsonSchema, NamedSchemas } from './json-schema.js';

const listSchemaKey = 'ringfence:list-schema';
/**
 * Marks a route as a list, whose answer has the items of a page in `data`.
 * @param schema the answer's schema, or its name
 */
export const ListOf = (schema: string | JsonSchema): MethodDecorator => SetMetadata(listSchemaKey, schema);

/** Every component schema of the API, by name. */
export const API_SCHEMAS = Symbol('every component schema of the API');

/**
 * Converts the page of a list to CSV if requested by `Accept: text/csv`: the same rows under a header line, with the
 * previous and next page in `Link`.
 */
@Injectable()
export class CsvLists implements NestInterceptor<unknown, unknown> {
  readonly #columns = new Map<string | JsonSchema, readonly CsvColumn[]>();

  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(API_SCHEMAS) private readonly schemas: NamedSchemas,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler<unknown>): Observable<unknown> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    void reply.header('vary', 'accept');
    if (!prefersCsv(request.headers.accept)) return next.handle();
    const schema = this.reflector.get<string | JsonSchema>(listSchemaKey, context.getHandler());
    return next.handle().pipe(
      map((body) => {
        const links = linksOf(body, request.url);
        if (links !== '') void reply.header('link', links);
        void reply.header('content-type', `${csvMediaType}; charset=utf-8; header=present`);
        return csvOf(body, this.#columnsOf(schema));
      }),
    );
  }

  #columnsOf(schema: string | JsonSchema): readonly CsvColumn[] {
    return getOrInsert(this.#columns, schema, () => csvColumnsOf(schema, this.schemas));
  }
}

function csvOf(body: unknown, columns: readonly CsvColumn[]): string {
  const data = memberOf(body, 'data');
  const items: readonly unknown[] = Array.isArray(data) ? data : [];
  return csvText([
    columns.map((column) => column.join('.')),
    ...items.map((item) => columns.map((column) => valueAt(item, column))),
  ]);
}

/** The links of RFC 8288, relative to the request, so that they work below a proxy's path prefix. */
function linksOf(body: unknown, url: string): string {
  const link = (rel: 'next' | 'prev', parameter: string, value: unknown) =>
    typeof value === 'string' ? [`<?${queryWith(url, parameter, value)}>; rel="${rel}"`] : [];
  const goesOn = memberOf(body, 'has_more') === true;
  return [
    ...link('next', 'cursor_after', memberOf(body, 'next_cursor')),
    // The log has no pages: reading continues from a position.
    ...link('next', 'from', goesOn ? memberOf(body, 'next') : undefined),
    ...link('prev', 'cursor_before', memberOf(body, 'previous_cursor')),
  ].join(', ');
}

function queryWith(url: string, parameter: string, value: string): string {
  const query = new URLSearchParams(url.split('?')[1] ?? '');
  for (const name of ['cursor_after', 'cursor_before']) query.delete(name);
  query.set(parameter, value);
  return query.toString();
}

function memberOf(body: unknown, name: string): unknown {
  return typeof body === 'object' && body !== null ? (body as Readonly<Record<string, unknown>>)[name] : undefined;
}
