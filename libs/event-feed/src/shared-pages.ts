import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import type { EventStore } from '@ringfence/ports/log/event-store';
import { position, type Position } from '@ringfence/kernel/units';

/** Events per page. */
const pageEvents = 1_000;
/** Full pages that are kept, so that readers that catch up together decode each once. */
const pagesKeptMax = 8;

/** The log in aligned, decoded pages. A full page never changes, so it is cached. */
export class SharedPages {
  readonly #pages = new Map<number, Promise<readonly RecordedEnvelope[]>>();

  constructor(private readonly store: Pick<EventStore, 'readAll'>) {}

  /** Returns the events from `from` to the end of its page; empty: there are none yet. */
  async readFrom(from: Position): Promise<readonly RecordedEnvelope[]> {
    const first = Math.floor(from / pageEvents) * pageEvents;
    const page = await (this.#pages.get(first) ?? this.#read(first));
    return page.slice(from - first);
  }

  #read(first: number): Promise<readonly RecordedEnvelope[]> {
    const reading = this.store.readAll(position(first), pageEvents).then((recorded) => recorded.map(decodeRecorded));
    this.#pages.set(first, reading);
    const [oldest] = this.#pages.keys();
    if (this.#pages.size > pagesKeptMax && oldest !== undefined) this.#pages.delete(oldest);
    const forget = (): void => {
      if (this.#pages.get(first) === reading) this.#pages.delete(first);
    };
    reading.then((page) => {
      if (page.length < pageEvents) forget();
    }, forget);
    return reading;
  }
}
