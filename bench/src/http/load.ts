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
  /** Requests a second, open loop: latency is counted from when a request was due. Left out: as fast as answers come. */
  readonly perSecond?: number;
};

/** POSTs one body again and again. */
export async function load({ url, key, body, connections, seconds, perSecond }: Load): Promise<LoadResult> {
  const result = await autocannon({
    url,
    method: 'POST',
    connections,
    duration: seconds,
    headers: { 'content-type': 'application/json', 'x-api-key': key },
    body: JSON.stringify(body),
    ...(perSecond === undefined ? {} : { overallRate: perSecond }),
  });
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
