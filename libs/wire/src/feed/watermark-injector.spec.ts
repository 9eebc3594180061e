import { beforeEach, describe, expect, it } from '@jest/globals';
import type { EventId, LogId } from '@ringfence/kernel/ids';
import type { Epoch } from '@ringfence/kernel/lane';
import { epochMs, position } from '@ringfence/kernel/units';
import type { BusMessage } from '@ringfence/ports/message-bus/message';
import { WatermarkInjector } from './watermark-injector.js';
import { readWatermarks, watermarksMessage } from './watermarks.js';

const logId = 'log_01K9Z000000000000000000000' as LogId;
const link = (at: number) => ({ position: position(at), id: `evt_${String(at).padStart(26, '0')}` as EventId });

let handled: string[];
let injector: WatermarkInjector;
let offset: bigint;

/** Builds a relay's watermark: the log ends at `head`, and the one partition with this event. */
function watermarkMessage(head: number, end: number | null, epoch = 1): BusMessage {
  const ends = [end === null ? null : link(end)];
  const message = watermarksMessage('w', {
    logId,
    epoch: epoch as Epoch,
    head: position(head),
    timeMs: epochMs(1_000 + head),
    ends,
  });
  offset += 1n;
  return { ...message, partition: 0, offset };
}

function event(at: number, epoch = 1): BusMessage {
  const headers = { ce_position: String(at), ce_relayepoch: String(epoch) };
  return { topic: 't', partition: 0, offset: BigInt(at), key: 'k', headers, value: Buffer.alloc(0) };
}

async function settled(): Promise<void> {
  await new Promise(setImmediate);
}

beforeEach(() => {
  handled = [];
  offset = 0n;
  const take = (_partition: number, batch: readonly BusMessage[]) => {
    for (const { headers, value } of batch) handled.push(headers['ce_position'] ?? Buffer.from(value).toString());
    return Promise.resolve();
  };
  injector = new WatermarkInjector('t', take, (failure) => {
    throw failure;
  });
});

describe('watermarks of all partitions', () => {
  it('come to a partition behind the event that they speak of, whichever topic is the slower', async () => {
    injector.begin(0, { atEnd: false, watermarksFrom: 0n });
    injector.receive(watermarkMessage(6, 5));
    await settled();
    expect(handled).toEqual([]);
    await injector.deliver(0, [event(2), event(5)]);
    expect(handled).toEqual(['2', '5', '{"head":"6"}']);
    await injector.deliver(0, [event(8)]);
    injector.receive(watermarkMessage(9, 8));
    await settled();
    expect(handled.slice(3)).toEqual(['8', '{"head":"9"}']);
  });

  it('say where a reader begins that began at the end, and from then on wait for what they speak of', async () => {
    injector.begin(0, { atEnd: true, watermarksFrom: 0n });
    injector.receive(watermarkMessage(6, 5));
    await settled();
    injector.receive(watermarkMessage(9, 8));
    await settled();
    expect(handled).toEqual(['{"head":"6"}']);
    await injector.deliver(0, [event(8)]);
    expect(handled.slice(1)).toEqual(['8', '{"head":"9"}']);
  });

  it('are not believed when they were said before the reading began, nor by whom a replaced relay’s event would make true', async () => {
    injector.begin(0, { atEnd: true, watermarksFrom: 2n });
    injector.receive(watermarkMessage(6, 5));
    await settled();
    expect(handled).toEqual([]);
    await injector.deliver(0, [event(7, 2), event(9, 1)]);
    injector.receive(watermarkMessage(10, 9, 2));
    await settled();
    expect(handled).toEqual(['7', '9']);
    await injector.deliver(0, [event(9, 2)]);
    expect(handled.at(-1)).toBe('{"head":"10"}');
  });

  it('that wait are bounded: the oldest are kept, so that a reader that is behind gets on', async () => {
    injector.begin(0, { atEnd: false, watermarksFrom: 0n });
    for (let at = 1; at <= 20; at += 1) injector.receive(watermarkMessage(at + 1, at));
    await injector.deliver(0, [event(1)]);
    expect(handled).toEqual(['1', '{"head":"2"}']);
    await injector.deliver(0, [event(20)]);
    expect(handled.at(-1)).toBe('{"head":"9"}');
  });

  it('are read as they were written, and refused when they are something else', () => {
    const message = watermarkMessage(7, 6);
    expect(readWatermarks(message)).toEqual({ logId, epoch: 1, head: 7, timeMs: 1_007, ends: [link(6)] });
    for (const value of [
      '',
      '[]',
      '{"head":7,"ends":[]}',
      '{"head":"7"}',
      '{"head":"7","ends":[["6"]]}',
      '{"head":"-1","ends":[]}',
    ])
      expect(() => readWatermarks({ ...message, value: Buffer.from(value) })).toThrow(/no record of the feed/);
  });
});
