import { randomUUID } from 'node:crypto';
import { type ApiAnswer, type ApiClient, apiClient, type ApiRequest } from './api-client.js';
import { type Followed, followStream, type StreamedEvent } from './event-stream.js';
import { type JsonAnswer, isAnswer, listIn, objectIn } from './json-reading.js';
import { type OperationId, operations, pathOf, type PathParameters } from './operations.js';

export type Query = Readonly<Record<string, string | number | undefined>>;
type OperationRequest<Id extends OperationId> = {
  readonly query?: Query;
  readonly body?: object;
  /** The id of a command; generated if left out. */
  readonly idempotencyKey?: string | undefined;
} & ([keyof PathParameters<Id>] extends [never] ? unknown : { readonly path: PathParameters<Id> });
type RequestOf<Id extends OperationId> = [keyof PathParameters<Id>] extends [never]
  ? [request?: OperationRequest<Id>]
  : [request: OperationRequest<Id>];

export type JsonPage = { readonly items: readonly JsonAnswer[]; readonly nextCursor: string | undefined };

/** The routes of a server, by their operationId. */
export interface PlatformApi {
  readonly client: ApiClient;
  /** The object that a route answers. @throws as `ApiClient.get` */
  readonly ask: <Id extends OperationId>(id: Id, ...request: RequestOf<Id>) => Promise<JsonAnswer>;
  /** One page of a list. @throws as `ApiClient.get` */
  readonly page: <Id extends OperationId>(id: Id, ...request: RequestOf<Id>) => Promise<JsonPage>;
  /** The events of a stream. @param onLost called when the connection was lost. @throws as `followStream` */
  readonly follow: (
    id: OperationId,
    request: { readonly path?: Readonly<Record<string, string>>; readonly query?: Query },
    from: Pick<Followed, 'after' | 'onLost' | 'onConnected'>,
  ) => AsyncGenerator<StreamedEvent>;
  /** Any answer, refusals included. @throws as `ApiClient.ask` */
  readonly attempt: <Id extends OperationId>(id: Id, ...request: RequestOf<Id>) => Promise<ApiAnswer>;
}

export function platformApi(url: string, apiKey: string): PlatformApi {
  const client = apiClient(url, apiKey);
  return {
    client,
    ask: async (id, ...[request]) => objectIn(await client.get(...called(id, request)), id),
    page: async (id, ...[request]) => {
      const body = await client.get(...called(id, request));
      const next = isAnswer(body) ? body['next_cursor'] : undefined;
      return { items: listIn(body, id), nextCursor: typeof next === 'string' ? next : undefined };
    },
    follow: (id, { path = {}, query = {} }, from) => {
      const search = new URLSearchParams();
      for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
      return followStream({
        url,
        apiKey,
        path: `${pathOf(id, path)}${search.size === 0 ? '' : `?${search.toString()}`}`,
        ...from,
      });
    },
    attempt: (id, ...[request]) => client.ask(...called(id, request)),
  };
}

type AnyRequest = {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Query;
  readonly body?: object;
  readonly idempotencyKey?: string | undefined;
};

function called(id: OperationId, request: AnyRequest = {}): readonly [path: string, request: ApiRequest] {
  const [method] = operations[id];
  const { path = {}, query = {}, body = {}, idempotencyKey = randomUUID() } = request;
  const sent = method === 'GET' ? { query } : { query, method, body, idempotencyKey };
  return [pathOf(id, path), sent];
}
