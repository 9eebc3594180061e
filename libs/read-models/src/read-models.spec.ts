import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { inventoryStream } from '@ringfence/kernel/ids';
import { exampleEvents } from '@ringfence/testing/example-events';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import { dump } from '@ringfence/projections/dump';
import { noProjectionMetrics } from '@ringfence/projections/projection-metrics';
import { rebuild } from '@ringfence/projections/rebuild';
import { allProjections } from './projections.js';
import { WrittenHistory } from './written-history.contract.js';

const ids = new PredictableIds(6_000);
let models: WrittenHistory;
beforeAll(async () => {
  models = await WrittenHistory.start(allProjections);
  // No history has numbers by itself.
  for (const numberId of [ids.numberId(), ids.numberId()]) {
    const { NumberAdded, NumberReceived, NumberRenamed, NumberWithdrawn, NumberReleased } = exampleEvents;
    await models.record({ ...NumberAdded, numberId }, inventoryStream);
    for (const event of [NumberReceived, NumberRenamed, NumberWithdrawn]) await models.record({ ...event, numberId });
    await models.record({ ...NumberReleased, numberId }, inventoryStream);
  }
});
afterAll(() => models.stop());

describe('every read model', () => {
  it.each(allProjections.map((projection) => ({ name: projection.name, projection })))(
    '$name comes out the same from a rebuild in other batches',
    async ({ name, projection }) => {
      const before = await dumped(name);
      expect(before.length).toBeGreaterThan(3);
      await rebuild(projection, { db: models.db, history: models.feed, metrics: noProjectionMetrics });
      expect(await dumped(name)).toEqual(before);
    },
  );
});

async function dumped(name: string): Promise<readonly string[]> {
  const lines: string[] = [];
  await dump(models.db, name, (line) => lines.push(line));
  return lines;
}
