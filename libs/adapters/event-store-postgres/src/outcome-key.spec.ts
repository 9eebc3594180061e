import { describe, expect, it } from '@jest/globals';
import type { CommandId, StreamId } from '@ringfence/kernel/ids';
import { outcomeKey } from './outcome-key.js';

const stream = 'acc_01ARZ3NDEKTSV4RRFFQ69G5FAV' as StreamId;
const keyOf = (commandId: string, of = stream) => outcomeKey(of, commandId as CommandId);

describe('the key of an outcome', () => {
  it('never changes, for outcomes are found by it for ever', () => {
    expect(keyOf('cmd_01ARZ3NDEKTSV4RRFFQ69G5FAV')).toMatch(/^01563e3a[0-9a-f]{24}$/);
    expect([keyOf('cmd_01ARZ3NDEKTSV4RRFFQ69G5FAV'), keyOf('pay-1')]).toEqual([
      '01563e3a06c780b827b494a30bc9a111',
      '2fa380f9c7f4a2282c3af73648f6843f',
    ]);
  });

  it('is of stream and id together', () => {
    const other = 'acc_01ARZ3NDEKTSV4RRFFQ69G5FAW' as StreamId;
    const ids = ['cmd_01ARZ3NDEKTSV4RRFFQ69G5FAV', 'cmd_01ARZ3NDEKTSV4RRFFQ69G5FAW', 'pay-1', 'idem_x'];
    const keys = ids.flatMap((id) => [keyOf(id), keyOf(id, other)]);
    expect(new Set(keys).size).toBe(keys.length);
  });
});
