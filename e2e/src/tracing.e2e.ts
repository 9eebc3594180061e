import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openScratchDatabase, type ScratchDatabase } from '@ringfence/sql-postgres/scratch-database';
import { patienceMs, until } from './test-accounts.js';
import { attributeOf, OtlpCollector } from './otlp-collector.js';
import { PlatformProcess } from './platform-process.js';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const caller = `00-${traceId}-b7ad6b7169203331-01`;
const body = { from_number: '+15005550100', to_number: '+15005550006' };
const initiate = '/api/v1/voice/calls/initiate';

let collector: OtlpCollector;
beforeAll(async () => {
  collector = await OtlpCollector.listen();
});
afterAll(() => {
  collector.close();
});

describe('traces and metrics', () => {
  let platform: PlatformProcess;
  let given: string;

  beforeAll(async () => {
    platform = await PlatformProcess.start({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint } });
    const { sandboxKey } = platform.keys;
    const placed = await platform.ask(sandboxKey, 'POST', initiate, body, { traceparent: caller });
    given = placed.headers.get('traceparent') ?? '';
    const position = placed.headers.get('ringfence-position') ?? '';
    const { id } = placed.json as { id: string };
    await untilSeen(platform, id, 'ringing');
    const audit = `/api/v1/audit/events?from=${position}&limit=1&min_position=${position}`;
    const { json } = await platform.ask(sandboxKey, 'GET', audit);
    const [event] = (json as { data: readonly { bytes: string }[] }).data;
    expect(JSON.parse(Buffer.from(event?.bytes ?? '', 'base64').toString('utf8'))).toMatchObject({
      traceparent: given,
    });
    expect(await platform.stop()).toBe(0);
  });
  afterAll(async () => {
    await platform.discard();
  });

  it('go on from the caller’s, through the answer and the event', () => {
    expect(given).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`));
    expect(given).not.toBe(caller);
  });

  it('show a placed call from the request through the lane’s batch to the append, in one trace', () => {
    const own = collector.spans.filter((span) => span.traceId === traceId);
    const request = own.find(({ name }) => name === `POST ${initiate}`);
    const batch = own.find(({ name }) => name === 'lane.batch');
    const append = own.find(({ name }) => name === 'log.append');
    expect(request).toMatchObject({ parentSpanId: 'b7ad6b7169203331', spanId: given.split('-')[2] });
    expect(batch?.parentSpanId).toBe(request?.spanId);
    expect(append?.parentSpanId).toBe(batch?.spanId);
    expect(batch && attributeOf(batch, 'ringfence.commands')).toBe(1);
    expect(batch && attributeOf(batch, 'ringfence.events')).toBe(1);
  });

  it('show what followed from it: the dial, and its way into the read models', () => {
    const own = collector.spans.filter((span) => span.traceId === traceId);
    const dials = own.filter(({ name }) => name === 'carrier.dial');
    expect(dials.map((dial) => [attributeOf(dial, 'ringfence.outcome'), attributeOf(dial, 'ringfence.trunk')])).toEqual(
      [['dialled', 'sandbox']],
    );
    expect(dials[0]?.parentSpanId).toBe(given.split('-')[2]);
    const projections = own.filter(({ name }) => name === 'projection.batch');
    const named = projections.map((batch) => attributeOf(batch, 'ringfence.projection'));
    expect(named).toEqual(expect.arrayContaining(['audit_trail', 'calls']));
  });

  it('bring what Prometheus can ask for: of the lane, of a projection, of requests', () => {
    const of = (name: string) => collector.points.filter((point) => point.name === name);
    const [batches] = of('ringfence_lane_batch_commands');
    expect(batches?.count).toBeGreaterThan(0);
    expect(batches?.bucketCounts?.reduce((sum, count) => sum + count, 0)).toBe(batches?.count);
    const [events] = of('ringfence_lane_events_total');
    const projected = of('ringfence_projection_events_total');
    const audit = projected.find((point) => attributeOf(point, 'projection') === 'audit_trail');
    expect(audit?.asDouble).toBeGreaterThanOrEqual(events?.asDouble ?? Number.POSITIVE_INFINITY);
    const answered = of('ringfence_http_request_seconds').find((point) => attributeOf(point, 'route') === initiate);
    expect(answered).toMatchObject({ count: 1 });
  });

  it('hold no secret and no number', () => {
    const { adminKey, sandboxKey } = platform.keys;
    expect(collector.text.length).toBeGreaterThan(1_000);
    for (const secret of [adminKey, sandboxKey, '15005550100', '15005550006', 'example.com'])
      expect(collector.text).not.toContain(secret);
  });
});

describe('a trace over two processes', () => {
  let scratch: ScratchDatabase;
  const processes: PlatformProcess[] = [];

  beforeAll(async () => {
    scratch = await openScratchDatabase();
  });
  afterAll(async () => {
    for (const each of processes) await each.discard();
    await scratch.close();
  });

  it('goes from the one that decides to the one that projects, each with its metrics', async () => {
    const shared = {
      DATABASE_URL: scratch.url,
      KAFKA_BROKERS: '',
      RINGFENCE_PEPPER: 'k1:bm90IGEgc2VjcmV0OiBmb3IgdGhlIHRlc3RzIG9ubHk=',
      RINGFENCE_MASTER_KEY: 'k1:bm90IGEgc2VjcmV0OiBmb3IgdGhlIHRlc3RzIG9ubHk=',
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
    };
    const other = 'c0ffee1916cd43dd8448eb211c80319c';
    const decides = 'gateway,decider,carrier';
    const start = async (roles: string) => {
      const started = await PlatformProcess.start({ env: { ...shared, RINGFENCE_ROLES: roles } });
      processes.push(started);
      return started;
    };
    const [decider, projector] = [await start(decides), await start('projector')];
    const { sandboxKey } = decider.keys;
    const placed = await decider.ask(sandboxKey, 'POST', initiate, body, {
      traceparent: `00-${other}-b7ad6b7169203331-01`,
    });
    await untilSeen(decider, (placed.json as { id: string }).id, 'ringing');
    for (const each of [projector, decider]) expect(await each.stop()).toBe(0);

    const own = collector.spans.filter((span) => span.traceId === other);
    const inProjector = own.filter(({ roles }) => roles === 'projector');
    expect(new Set(inProjector.map(({ name }) => name))).toEqual(new Set(['projection.batch']));
    const inDecider = new Set(own.filter(({ roles }) => roles === decides).map(({ name }) => name));
    for (const name of [`POST ${initiate}`, 'lane.batch', 'log.append', 'carrier.dial'])
      expect([name, inDecider.has(name)]).toEqual([name, true]);
    const traced = (roles: string, name: string) =>
      collector.points.some((point) => point.roles === roles && point.name === name);
    expect(traced('projector', 'ringfence_projection_events_total')).toBe(true);
    expect(traced(decides, 'ringfence_lane_append_seconds')).toBe(true);
  });
});

async function untilSeen(platform: PlatformProcess, callId: string, state: string): Promise<void> {
  await until(`the call is seen ${state}`, patienceMs, async () => {
    const { json } = await platform.ask(platform.keys.sandboxKey, 'GET', `/api/v1/voice/calls/${callId}`);
    return (json as { readonly state?: string }).state === state;
  });
}
