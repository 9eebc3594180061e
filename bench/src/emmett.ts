import { openPool } from '@ringfence/sql-postgres/pool';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * Folder in which npm has installed emmett-postgresql; empty: it is not measured. It is not a dependency of ours: it
 * comes without a licence, needs another release of `commander`, and changes how `pg` reads numbers in all of a
 * process.
 */
const { RINGFENCE_BENCH_EMMETT: folder = '' } = process.env;
const name = '@event-driven-io/emmett-postgresql';
const version = '0.42.0';
/** One connection for each writer: an append of emmett's is a transaction of its own. */
const connectionsMax = 64;

type EmmettMessage = {
  readonly stream: string;
  readonly version: number;
  readonly data: unknown;
};

/** An event store of emmett, reduced to what is compared. */
export interface EmmettStore {
  /** Appends events to one stream, in a transaction of its own. @throws if the stream is not at `after` */
  append(stream: string, after: number, data: readonly object[]): Promise<void>;
  /** Reads the whole log page by page, as the consumers of emmett do. */
  readAll(pageMax: number): AsyncIterable<readonly EmmettMessage[]>;
  /** Reads a stream from its beginning. */
  readStream(stream: string): Promise<readonly EmmettMessage[]>;
  close(): Promise<void>;
}

/** Opens a store of emmett in a database; undefined: none is installed. @throws on another version */
export async function openEmmett(url: string): Promise<EmmettStore | undefined> {
  if (folder === '') return undefined;
  const library = await load();
  const pool = openPool(url, { connectionsMax });
  const connectionOptions = { connectionString: url, pool };
  const store = library.getPostgreSQLEventStore(url, { connectionOptions });
  const { execute } = library.dumbo(connectionOptions);
  return {
    append: async (stream, after, data) => {
      const events = data.map((each) => ({ type: 'CallPlaced', data: each }));
      const expected = after === 0 ? {} : { expectedStreamVersion: BigInt(after) };
      const { nextExpectedStreamVersion } = await store.appendToStream(stream, events, expected);
      if (nextExpectedStreamVersion !== BigInt(after + events.length)) throw new Error(`emmett: ${stream} has moved`);
    },
    readAll: async function* (pageMax) {
      for (let after = 0n; ;) {
        const page = await library.readMessagesBatch(execute, { after, batchSize: pageMax });
        yield page.messages.map(messageIn);
        if (!page.areMessagesLeft) return;
        after = page.currentGlobalPosition;
      }
    },
    readStream: async (stream) => (await store.readStream(stream)).events.map(messageIn),
    close: async () => {
      await store.close();
      await pool.end();
    },
  };
}

type Recorded = {
  readonly data: unknown;
  readonly metadata: { readonly streamName: string; readonly streamPosition: bigint };
};
type Page = {
  readonly messages: readonly Recorded[];
  readonly currentGlobalPosition: bigint;
  readonly areMessagesLeft: boolean;
};
/** The functions of emmett-postgresql and dumbo that are used. */
type Library = {
  readonly getPostgreSQLEventStore: (
    url: string,
    options: object,
  ) => {
    readonly appendToStream: (
      stream: string,
      events: readonly object[],
      options: object,
    ) => Promise<{ readonly nextExpectedStreamVersion: bigint }>;
    readonly readStream: (stream: string) => Promise<{ readonly events: readonly Recorded[] }>;
    readonly close: () => Promise<void>;
  };
  readonly readMessagesBatch: (execute: unknown, options: object) => Promise<Page>;
  readonly dumbo: (options: object) => { readonly execute: unknown };
};

async function load(): Promise<Library> {
  const home = join(resolve(folder), 'node_modules');
  const { version: found } = JSON.parse(readFileSync(join(home, name, 'package.json'), 'utf8')) as { version: string };
  if (found !== version) throw new Error(`${name} ${found} is installed, ${version} is compared`);
  const { resolve: find } = createRequire(join(home, name, 'package.json'));
  const [store, dumbo] = (await Promise.all(
    [name, '@event-driven-io/dumbo'].map((each) => import(pathToFileURL(find(each)).href)),
  )) as [object, object];
  const library = { ...store, ...dumbo };
  if (!isLibrary(library)) throw new Error(`${name} has not what is expected of it`);
  return library;
}

function isLibrary(value: object): value is Library {
  return ['getPostgreSQLEventStore', 'readMessagesBatch', 'dumbo'].every(
    (each) => typeof Reflect.get(value, each) === 'function',
  );
}

function messageIn({ data, metadata: { streamName, streamPosition } }: Recorded): EmmettMessage {
  return { stream: streamName, version: Number(streamPosition), data };
}
