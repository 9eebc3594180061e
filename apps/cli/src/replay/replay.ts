import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import type { StreamId } from '@ringfence/kernel/ids';
import { type Finding, logCheck } from './log-check.js';
import type { FiledRow, LogSource } from './log-source.js';
import { counted, noTotals, type Totals } from './totals.js';

type ReplayOptions = {
  /** One stream, or null: the whole log. */
  readonly stream: StreamId | null;
  /** Passes on only events about this call, key, subject or account; every event is checked all the same. */
  readonly subject: string | null;
  readonly onEvent: (envelope: RecordedEnvelope, event: FiledRow) => void;
  readonly onProgress: (done: number, total: number) => void;
};

export type ReplayReport = {
  /** Events in the log when the reading began. */
  readonly head: number;
  readonly streams: number;
  readonly totals: Totals;
  readonly findings: readonly Finding[];
};

/** Reads the log up to its present end, in order; checks every event and passes it on. Changes nothing. */
export async function replay(log: LogSource, options: ReplayOptions): Promise<ReplayReport> {
  const { stream, subject, onEvent, onProgress } = options;
  const head = await log.head();
  const check = logCheck(stream === null);
  let totals: Totals = noTotals;
  let done = 0;
  let reached = 0;
  for await (const batch of stream === null ? wholeLog(log, head) : oneStream(log, stream)) {
    for (const event of batch) {
      const envelope = check.next(event);
      if (envelope === undefined) continue;
      totals = counted(totals, envelope.data);
      if (subject === null || event.subject === subject) onEvent(envelope, event);
    }
    done += batch.length;
    reached = (batch.at(-1)?.position ?? -1) + 1;
    onProgress(done, head);
  }
  const missing = stream === null && reached < head;
  return {
    head,
    streams: check.streams(),
    totals,
    findings: missing ? [...check.findings, endMissing(reached, head)] : check.findings,
  };
}

async function* wholeLog(log: LogSource, head: number): AsyncIterable<readonly FiledRow[]> {
  let from = 0;
  while (from < head) {
    const batch = (await log.page(from)).filter(({ position }) => position < head);
    const last = batch.at(-1);
    if (last === undefined) return;
    yield batch;
    from = last.position + 1;
  }
}

async function* oneStream(log: LogSource, stream: StreamId): AsyncIterable<readonly FiledRow[]> {
  let from = 1;
  for (;;) {
    const batch = await log.streamPage(stream, from);
    const last = batch.at(-1);
    if (last === undefined) return;
    yield batch;
    from = last.version + 1;
  }
}

function endMissing(reached: number, head: number): Finding {
  const what = `the log says it holds ${String(head)} events, and ends here`;
  return { position: reached, stream: '', version: 0, rule: 'positions_are_dense', what };
}
