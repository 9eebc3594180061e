import { createServer, type Server } from 'node:http';

type SeenSpan = {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly links?: readonly { readonly traceId: string }[];
  readonly attributes?: readonly Attribute[];
  /** Roles of the process that sent it. */
  readonly roles: string;
};
type SeenPoint = {
  readonly name: string;
  readonly attributes: readonly Attribute[];
  readonly asDouble?: number;
  readonly count?: number;
  readonly sum?: number;
  readonly bucketCounts?: readonly number[];
  readonly roles: string;
};
type Attribute = { readonly key: string; readonly value: Readonly<Record<string, unknown>> };
type Resource = { readonly resource: { readonly attributes: readonly Attribute[] } };
type TraceBody = {
  readonly resourceSpans: readonly (Resource & {
    readonly scopeSpans: readonly { readonly spans: readonly Omit<SeenSpan, 'roles'>[] }[];
  })[];
};
type Points = { readonly dataPoints: readonly Omit<SeenPoint, 'name' | 'roles'>[] };
type Metric = { readonly name: string; readonly sum?: Points; readonly gauge?: Points; readonly histogram?: Points };
type MetricBody = {
  readonly resourceMetrics: readonly (Resource & {
    readonly scopeMetrics: readonly { readonly metrics: readonly Metric[] }[];
  })[];
};

/** Receives what processes send over OTLP/HTTP, as a collector does. */
export class OtlpCollector {
  readonly #received: { readonly path: string; readonly text: string }[] = [];

  private constructor(private readonly server: Server) {}

  static async listen(): Promise<OtlpCollector> {
    const server = createServer();
    const collector = new OtlpCollector(server);
    server.on('request', (request, answer) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        collector.#received.push({ path: request.url ?? '', text: Buffer.concat(parts).toString('utf8') });
        answer.end('{}');
      });
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    return collector;
  }

  get endpoint(): string {
    const address = this.server.address();
    return `http://127.0.0.1:${String(typeof address === 'object' && address !== null ? address.port : 0)}`;
  }

  /** Returns everything received, unchanged. */
  get text(): string {
    return this.#received.map(({ text }) => text).join('\n');
  }

  get spans(): readonly SeenSpan[] {
    return this.#bodies('/v1/traces', readTraces).flatMap(({ resourceSpans }) =>
      resourceSpans.flatMap(({ resource, scopeSpans }) =>
        scopeSpans.flatMap(({ spans }) => spans.map((span) => ({ ...span, roles: rolesOf(resource) }))),
      ),
    );
  }

  get points(): readonly SeenPoint[] {
    return this.#bodies('/v1/metrics', readMetrics).flatMap(({ resourceMetrics }) =>
      resourceMetrics.flatMap(({ resource, scopeMetrics }) =>
        scopeMetrics.flatMap(({ metrics }) =>
          metrics.flatMap(({ name, sum, gauge, histogram }) =>
            (sum ?? gauge ?? histogram ?? { dataPoints: [] }).dataPoints.map((point) => ({
              ...point,
              name,
              roles: rolesOf(resource),
            })),
          ),
        ),
      ),
    );
  }

  close(): void {
    this.server.close();
  }

  #bodies<Body>(path: string, read: (text: string) => Body): readonly Body[] {
    return this.#received.filter((each) => each.path === path).map(({ text }) => read(text));
  }
}

export function attributeOf({ attributes }: Pick<SeenSpan, 'attributes'>, key: string): unknown {
  const value = attributes?.find((attribute) => attribute.key === key)?.value;
  return value === undefined ? undefined : Object.values(value)[0];
}

/** Parses traces in the protocol's form: a missing field fails the test. */
const readTraces = (text: string) => JSON.parse(text) as TraceBody;
const readMetrics = (text: string) => JSON.parse(text) as MetricBody;

function rolesOf({ attributes }: Resource['resource']): string {
  const value = attributes.find(({ key }) => key === 'ringfence.roles')?.value['arrayValue'];
  const { values = [] } = (value ?? {}) as { readonly values?: readonly { readonly stringValue: string }[] };
  return values.map(({ stringValue }) => stringValue).join(',');
}
