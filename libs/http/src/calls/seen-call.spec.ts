import { expect, it } from '@jest/globals';
import { exampleEvents } from '@ringfence/testing/example-events';
import { ExampleLog } from '@ringfence/testing/example-log';
import { exampleAccountId } from '@ringfence/testing/examples';
import { firstOfSeenCall } from './seen-call.js';

it('a call of somebody else, or of the other mode, costs the log what one costs that is not there', async () => {
  const log = new ExampleLog();
  const placed = exampleEvents.CallPlaced;
  await log.append(placed, undefined, placed.callId);
  let asked = 0;
  const readSubject = (subject: string, limit: number) => {
    asked += 1;
    return log.store.readSubject(subject, limit);
  };
  const own = exampleAccountId;
  log.ids.accountId(); // the example's own
  const foreign = log.ids.accountId();
  const look = async (accountId: typeof own | null, mode: 'live' | 'test' | null, callId = placed.callId) => {
    asked = 0;
    return [(await firstOfSeenCall({ readSubject }, { accountId, mode }, callId))?.position, asked];
  };
  expect(await look(own, 'test')).toEqual([0, 1]);
  expect(await look(null, null)).toEqual([0, 1]);
  expect(await look(own, 'live')).toEqual([undefined, 1]);
  expect(await look(foreign, 'test')).toEqual([undefined, 1]);
  expect(await look(own, 'test', log.ids.callId())).toEqual([undefined, 1]);
});
