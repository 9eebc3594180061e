import { beforeAll, describe, expect, it } from '@jest/globals';
import { core, NodeSDK, type NodeSDKConfiguration } from '@opentelemetry/sdk-node';
import { Failure } from '@ringfence/kernel/failure';
import { causesMax } from '@ringfence/kernel/tracing';
import { spans } from './otlp-spans.js';

type Exporter = NonNullable<NodeSDKConfiguration['traceExporter']>;
type Exported = Parameters<Exporter['export']>[0][number];

const seen: Exported[] = [];
const exporter: Exporter = {
  export: (batch, done) => {
    seen.push(...batch);
    done({ code: core.ExportResultCode.SUCCESS });
  },
  shutdown: () => Promise.resolve(),
};
const sdk = new NodeSDK({
  traceExporter: exporter,
  metricReaders: [],
  instrumentations: [],
  autoDetectResources: false,
});

const cause = (n: number, flags: '00' | '01') =>
  `00-${String(n).padStart(32, '0')}-${String(n).padStart(16, '0')}-${flags}`;
const traceOf = (n: number) => String(n).padStart(32, '0');

beforeAll(() => {
  sdk.start();
  const tracing = spans();
  tracing.begin('lane.batch', [null, cause(1, '00'), cause(2, '01'), cause(3, '01'), cause(2, '01')], {}).end();
  const alone = tracing.begin('projection.batch', [null], { 'ringfence.events': 1 });
  alone.begin('log.append').end();
  alone.failed(new Failure('database_unavailable', 'said to nobody', true));
  const many = Array.from({ length: 1_000 }, (_, at) => cause(at + 10, '01'));
  tracing.begin('projection.batch', many, { 'ringfence.events': many.length }).end();
  tracing.begin('carrier.dial', [cause(5, '00')], {}).end();
  return sdk.shutdown();
});

describe('a span for several requests', () => {
  it('belongs to the first recorded trace and is linked with each other one once', () => {
    const batch = seen.find(({ name }) => name === 'lane.batch');
    expect(batch?.spanContext().traceId).toBe(traceOf(2));
    expect(batch?.links.map(({ context }) => context.traceId)).toEqual([traceOf(1), traceOf(3)]);
  });

  it('begins a trace if there is none, with its parts, and records only the code of a failure', () => {
    const [append, alone] = ['log.append', 'projection.batch'].map((name) => seen.find((span) => span.name === name));
    expect(alone?.parentSpanContext).toBeUndefined();
    expect(append?.parentSpanContext?.spanId).toBe(alone?.spanContext().spanId);
    expect(alone?.status).toEqual({ code: 2, message: 'database_unavailable' });
  });

  it('has a limited number of links', () => {
    const batch = seen.find(({ attributes }) => attributes['ringfence.events'] === 1_000);
    expect(batch?.links).toHaveLength(causesMax);
  });

  it('is not recorded if its only trace is not', () => {
    expect(seen.some(({ name }) => name === 'carrier.dial')).toBe(false);
  });
});
