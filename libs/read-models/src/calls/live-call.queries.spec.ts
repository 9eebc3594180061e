import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import { position } from '@ringfence/kernel/units';
import { ProjectionProgress } from '@ringfence/projections/projection-progress';
import { WrittenHistory } from '../written-history.contract.js';
import { callsProjection } from './calls.projection.js';
import { LiveCallQueries } from './live-call.queries.js';

let models: WrittenHistory;
let events: readonly RecordedEnvelope[];
beforeAll(async () => {
  models = await WrittenHistory.start([callsProjection]);
  ({ events } = models);
});
afterAll(() => models.stop());

describe('live calls', () => {
  it('are those without an end', async () => {
    const progress = new ProjectionProgress(models.db);
    const live = await new LiveCallQueries(models.db, progress).placedBelow(position(events.length), null, 10_000);
    const ended = new Set(events.flatMap(({ data }) => (isEnd(data.type) && 'callId' in data ? [data.callId] : [])));
    const expected = events.filter(({ data }) => data.type === 'CallPlaced' && !ended.has(data.callId));
    expect(live.map(({ placedPosition }) => placedPosition)).toEqual(expected.map((event) => event.position));
  });
});

function isEnd(type: string): boolean {
  return type === 'CallCompleted' || type === 'CallFailed';
}
