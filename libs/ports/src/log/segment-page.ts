import { type StreamId, parseStreamId } from '@ringfence/kernel/ids';
import { invariant } from '@ringfence/kernel/invariant';
import { position, streamVersion } from '@ringfence/kernel/units';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { eventBytesMax, type RecordedEvent } from './event-store.js';
import { pagePositions } from './log-segments.js';

/** Largest size of a page before compression: that of its events, and of the line before each. */
const pageBytesMax = pagePositions * (eventBytesMax + 1_024);
/** Output buffer that holds most pages in one piece: the default of 16 KiB takes half as long again. */
const chunkSize = 524_288;
const newline = 0x0a;

/**
 * Encodes and compresses a page: a line with the number of the format and of the page, then for each event a line with
 * stream, version, type, subject and length, and its bytes. Level 1 is measured to be as small as level 9 for events,
 * in half the time; a dictionary gains nothing at this size. The checksum shows damage.
 */
export async function encodePage(number: number, events: readonly RecordedEvent[]): Promise<Buffer> {
  checkEvents(number, events);
  const parts: Uint8Array[] = [Buffer.from(`${String(formatNumber)} ${String(number)}\n`)];
  for (const { stream, version, type, subject, bytes } of events) {
    parts.push(Buffer.from(`${stream} ${String(version)} ${type} ${subject} ${String(bytes.length)}\n`), bytes);
  }
  return promisify(zlib.zstdCompress)(Buffer.concat(parts), { params });
}

/**
 * Decodes a page into its events, whose bytes share one buffer.
 * @param mentioned only events whose stream, version, type, subject or length contains it: most of a page is passed
 *   over by a reader of one stream or subject, who compares the events that are left
 * @throws Error of zlib, BrokenInvariant: the page is damaged
 */
export function decodePage(number: number, compressed: Uint8Array, mentioned = ''): readonly RecordedEvent[] {
  const page = zlib.zstdDecompressSync(compressed, { maxOutputLength: pageBytesMax, chunkSize });
  const lines = linesOf(page);
  const [format, written] = lines.next().split(' ');
  invariant(format === String(formatNumber), `this release reads pages of format ${String(formatNumber)}`);
  invariant(written === String(number), `page ${String(number)} is stored under its number`);
  const events: RecordedEvent[] = [];
  let count = 0;
  for (; lines.more(); count += 1) {
    const line = lines.next();
    const bytes = lines.bytes(Number(line.slice(line.lastIndexOf(' ') + 1)));
    if (!line.includes(mentioned)) continue;
    const [stream = '', version, type = '', subject = ''] = line.split(' ');
    events.push({
      position: position(number * pagePositions + count),
      stream: streamOf(stream),
      version: streamVersion(Number(version)),
      type,
      subject,
      bytes,
    });
  }
  checkCount(number, count);
  return events;
}

/** Returns the number of the page that a position belongs to. */
export function pageOf(at: number): number {
  return Math.floor(at / pagePositions);
}

/** Copies an event out of the buffer of its page, so that it does not keep the whole page in memory. */
export function withOwnBytes(event: RecordedEvent): RecordedEvent {
  return { ...event, bytes: Buffer.from(event.bytes) };
}

const formatNumber = 1;
const params = { [zlib.constants.ZSTD_c_compressionLevel]: 1, [zlib.constants.ZSTD_c_checksumFlag]: 1 };

function checkEvents(number: number, events: readonly RecordedEvent[]): void {
  const first = number * pagePositions;
  checkCount(number, events.length);
  invariant(
    events.every((event, index) => event.position === first + index),
    `positions of page ${String(number)} are dense`,
  );
}

function checkCount(number: number, count: number): void {
  invariant(count === pagePositions, `page ${String(number)} holds ${String(pagePositions)} events`);
}

function linesOf(page: Buffer) {
  let at = 0;
  return {
    more: () => at < page.length,
    next: () => {
      const end = page.indexOf(newline, at);
      invariant(end >= 0, 'each event of a page has its line');
      const line = page.toString('latin1', at, end);
      at = end + 1;
      return line;
    },
    bytes: (length: number) => {
      const bytes = page.subarray(at, at + length);
      invariant(bytes.length === length, 'the bytes of each event of a page are whole');
      at += length;
      return bytes;
    },
  };
}

function streamOf(name: string): StreamId {
  const stream = parseStreamId(name);
  invariant(stream !== undefined, `a page holds streams only: ${name}`);
  return stream;
}
