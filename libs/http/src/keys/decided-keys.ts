import { Inject, Injectable } from '@nestjs/common';
import type { KeyEvent } from '@ringfence/domain/keys/key.events';
import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import type { EventStore } from '@ringfence/ports/log/event-store';
import { invariant } from '@ringfence/kernel/invariant';
import { EVENT_STORE, LOG_NAME, type LogName } from '../edge/ports.js';
import { positionFrom } from '../edge/positions.js';

type Of<Type extends KeyEvent['type']> = Extract<KeyEvent, { readonly type: Type }>;

/** What came of an accepted command about a key stands in its event alone: the same for whoever asks again, whatever has been changed since. */
@Injectable()
export class DecidedKeys {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(LOG_NAME) private readonly log: LogName,
  ) {}

  /**
   * The event at the position of an accepted outcome.
   * @throws Failure `event_store_unavailable` (retryable)
   */
  async at<Type extends KeyEvent['type']>(positionText: string, type: Type): Promise<Of<Type>> {
    const [recorded] = await this.store.readAll(positionFrom(positionText, this.log.logId), 1);
    const event = recorded === undefined ? undefined : decodeRecorded(recorded).data;
    invariant(event?.type === type, 'an accepted command stands at the position of its outcome');
    return event as Of<Type>; // its type was compared
  }
}
