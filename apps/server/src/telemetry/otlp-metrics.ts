import { type HrTime, ValueType } from '@opentelemetry/api';
import { metrics, resources } from '@opentelemetry/sdk-node';
import { Counter, Gauge, Histogram, type Metric, type Registry } from 'prom-client';

const { AggregationTemporality, DataPointType } = metrics;

/** Exports the Prometheus metrics through OpenTelemetry: the same values and names, counted once. */
export function exportedMetrics(registry: Registry): metrics.MetricProducer {
  const startTime = now();
  return {
    collect: async () => {
      const moments = { startTime, endTime: now() };
      const names = registry.getMetricsAsArray().map(({ name }) => name);
      const errors: Error[] = [];
      const found = await Promise.all(
        names.map(async (name) => {
          const metric = await exported(registry.getSingleMetric(name), moments);
          if (metric === undefined) errors.push(new Error(`${name} is of a kind that is not exported`));
          return metric ?? [];
        }),
      );
      const scopeMetrics = [{ scope: { name: 'ringfence' }, metrics: found.flat() }];
      // The reader adds the resource.
      return { resourceMetrics: { resource: resources.emptyResource(), scopeMetrics }, errors };
    },
  };
}

type Moments = { readonly startTime: HrTime; readonly endTime: HrTime };
type Labels = Readonly<Record<string, string | number | undefined>>;
type Value = { readonly value: number; readonly labels: Labels; readonly metricName?: string };

async function exported(metric: Metric | undefined, moments: Moments): Promise<metrics.MetricData | undefined> {
  if (metric instanceof Counter) {
    const { name, help, values } = await metric.get();
    return {
      ...described(name, help),
      dataPointType: DataPointType.SUM,
      isMonotonic: true,
      dataPoints: points(values, moments),
    };
  }
  if (metric instanceof Gauge) {
    const { name, help, values } = await metric.get();
    return { ...described(name, help), dataPointType: DataPointType.GAUGE, dataPoints: points(values, moments) };
  }
  if (metric instanceof Histogram) {
    const { name, help, values } = await metric.get();
    return {
      ...described(name, help),
      dataPointType: DataPointType.HISTOGRAM,
      dataPoints: distributions(name, values, moments),
    };
  }
  return undefined;
}

function described(name: string, description: string) {
  const descriptor = { name, description, unit: '', valueType: ValueType.DOUBLE };
  return { descriptor, aggregationTemporality: AggregationTemporality.CUMULATIVE };
}

/** Drops values that are not finite: JSON cannot represent them, and a collector would refuse the whole export. */
function points(values: readonly Value[], moments: Moments) {
  return values
    .filter(({ value }) => Number.isFinite(value))
    .map(({ value, labels }) => ({ ...moments, attributes: labels, value }));
}

/** Prometheus counts up to each bound, OpenTelemetry between bounds. */
function distributions(name: string, values: readonly Value[], moments: Moments) {
  const series = new Map<
    string,
    { attributes: Labels; bounds: number[]; upTo: number[]; sum: number; count: number }
  >();
  for (const { value, labels, metricName } of values) {
    const { le, ...attributes } = labels;
    const key = JSON.stringify(attributes);
    const one = series.get(key) ?? { attributes, bounds: [], upTo: [], sum: 0, count: 0 };
    series.set(key, one);
    if (metricName === `${name}_sum`) one.sum = value;
    else if (metricName === `${name}_count`) one.count = value;
    else if (typeof le === 'number') {
      one.bounds.push(le);
      one.upTo.push(value);
    }
  }
  return [...series.values()].map(({ attributes, bounds, upTo, sum, count }) => {
    const counts = [...upTo, count].map((each, at) => each - (upTo[at - 1] ?? 0));
    return { ...moments, attributes, value: { buckets: { boundaries: bounds, counts }, sum, count } };
  });
}

function now(): HrTime {
  const atMs = Date.now();
  return [Math.floor(atMs / 1_000), (atMs % 1_000) * 1_000_000];
}
