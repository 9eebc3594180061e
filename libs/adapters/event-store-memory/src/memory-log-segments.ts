import { invariant } from '@ringfence/kernel/invariant';
import { position } from '@ringfence/kernel/units';
import { type ColdPages, type LogSegments, type MovedPages, pagePositions } from '@ringfence/ports/log/log-segments';
import { decodePage, encodePage } from '@ringfence/ports/log/segment-page';
import { isDeepStrictEqual } from 'node:util';
import type { MemoryLog } from './memory-event-store.js';

/** The segments of a log in memory, with the pages of every other adapter. */
export class MemoryLogSegments implements LogSegments {
  constructor(private readonly log: MemoryLog) {}

  async moveCold({ hotEvents, pages, afterPage }: ColdPages): Promise<MovedPages> {
    const { log } = this;
    const first = log.pages.length;
    const coldPages = Math.max(0, Math.floor((log.events.length - hotEvents) / pagePositions));
    const result = (outcome: MovedPages['outcome'], moved = 0): MovedPages => ({
      outcome,
      next: position(log.seam),
      coldEvents: (coldPages - moved) * pagePositions,
    });
    if (coldPages < pages) return result('nothing_cold');
    const encoded: Buffer[] = [];
    for (let index = 0; index < pages; index += 1) {
      const events = log.events.slice(index * pagePositions, (index + 1) * pagePositions);
      const page = await encodePage(first + index, events);
      const found = decodePage(first + index, page);
      invariant(isDeepStrictEqual(found.map(plain), events.map(plain)), 'a page holds what its rows do');
      encoded.push(page);
      await afterPage?.();
    }
    if (log.pages.length !== first) return result('moved_by_another');
    log.pages.push(...encoded);
    log.events.splice(0, pages * pagePositions);
    return result('moved', pages);
  }
}

function plain<Event extends { readonly bytes: Uint8Array }>(event: Event) {
  return { ...event, bytes: Buffer.from(event.bytes).toString('latin1') };
}
