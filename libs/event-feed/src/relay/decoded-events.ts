import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import type { RecordedEvent } from '@ringfence/ports/log/event-store';
import type { Position } from '@ringfence/kernel/units';

/** Decoded events that are kept. */
const decodedEventsMax = 8_192;

/** Lets several readers of one log in one process, each with its own copy of an event, decode it once. */
export class DecodedEvents {
  readonly #kept = new Map<Position, RecordedEnvelope>();

  /** @throws Failure of the catalogue */
  decode(event: RecordedEvent): RecordedEnvelope {
    const known = this.#kept.get(event.position);
    if (known !== undefined) return known;
    const decoded = decodeRecorded(event);
    this.#kept.set(event.position, decoded);
    if (this.#kept.size > decodedEventsMax) {
      const [oldest] = this.#kept.keys();
      if (oldest !== undefined) this.#kept.delete(oldest);
    }
    return decoded;
  }
}
