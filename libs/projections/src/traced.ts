import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import type { TracedSpan, Tracing } from '@ringfence/kernel/tracing';

type WriteInput<Result> = {
  readonly projection: string;
  /** Called only where traces are collected. */
  readonly events: () => readonly RecordedEnvelope[];
  readonly advance: () => Promise<Result>;
};

/** Writes a batch of a projection within a span linked to the traces of its events. */
export async function traced<Result>(tracing: Tracing | undefined, advancing: WriteInput<Result>): Promise<Result> {
  const span = tracing === undefined ? undefined : begin(tracing, advancing);
  try {
    const result = await advancing.advance();
    span?.end();
    return result;
  } catch (failure) {
    span?.failed(failure);
    throw failure;
  }
}

function begin(tracing: Tracing, { projection, events }: WriteInput<unknown>): TracedSpan {
  const written = events();
  const causes = written.map(({ traceparent }) => traceparent);
  return tracing.begin('projection.batch', causes, {
    'ringfence.projection': projection,
    'ringfence.events': written.length,
  });
}
