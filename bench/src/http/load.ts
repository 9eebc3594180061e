import autocannon from 'autocannon';

export type LoadResult = {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly statuses: Readonly<Record<string, number>>;
  readonly errors: number;
};

export type Load = {
  readonly url: string;
  readonly key: string;
  readonly body: object;
  readonly connections: number;
  readonly seconds: number;
};

type ReadLoad = {
  readonly url: string;
  readonly key: string;
  readonly paths: readonly string[];
  readonly connections: number;
  readonly seconds: number;
};

/** POSTs one body repeatedly, as fast as answers arrive. */
export async function load({ url, key, body, connections, seconds }: Load): Promise<LoadResult> {
  const headers = { 'content-type': 'application/json', 'x-api-key': key };
  const options = { url, method: 'POST', connections, duration: seconds, headers, body: JSON.stringify(body) } as const;
  return resultOf(await autocannon(options));
}

/** GETs the paths in turn, each connection from another one on, as fast as answers arrive. */
export async function loadReads({ url, key, paths, connections, seconds }: ReadLoad): Promise<LoadResult> {
  const headers = { 'x-api-key': key };
  const requests = paths.map((path) => ({ method: 'GET', path, headers }) as const);
  let client = 0;
  const setupClient = (each: autocannon.Client): void => {
    const first = Math.floor((client * requests.length) / connections);
    client += 1;
    each.setRequests([...requests.slice(first), ...requests.slice(0, first)]);
  };
  return resultOf(await autocannon({ url, connections, duration: seconds, headers, setupClient }));
}

function resultOf(result: autocannon.Result): LoadResult {
  const statuses = Object.fromEntries(
    Object.entries(result.statusCodeStats ?? {}).map(([status, { count = 0 }]) => [status, count]),
  );
  return {
    perSecond: result.requests.average,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
    statuses,
    errors: result.errors + result.timeouts,
  };
}
