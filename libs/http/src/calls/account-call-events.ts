import { Inject, Injectable } from '@nestjs/common';
import { type Position, position } from '@ringfence/kernel/units';
import type { CallEventBatches, SendingUntil } from './call-event-sender.js';
import { type CallEventFilter, type CallEventSubscription, selects } from './call-event-subscriptions.js';
import { PastCallEvents } from './past-call-events.js';

type Asked = {
  readonly filter: CallEventFilter;
  /** null: events from now on. */
  readonly after: Position | null;
  /** Key and account whose bounds on reads apply. */
  readonly reader: { readonly keyId: string; readonly account: string };
};

/** The events of an account's calls from a place in the log on, without a gap and without a repetition. */
@Injectable()
export class AccountCallEvents {
  constructor(@Inject(PastCallEvents) private readonly past: PastCallEvents) {}

  /** @param subscription has begun if the events are those from now on, and otherwise has not */
  async *batches(
    { filter, after, reader }: Asked,
    subscription: CallEventSubscription,
    { signal, room }: SendingUntil,
  ): CallEventBatches {
    if (after !== null) {
      // Pages up to the end of what can be read; then new events are kept, and those that came in between are read.
      let from = position(after + 1);
      let begun: Position | null = null;
      while (from < (begun ?? Infinity)) {
        const page = await this.past.page(filter, from, reader, signal);
        const below = begun ?? Infinity;
        yield page.events.filter((event) => event.position < below && selects(filter, event));
        await room();
        from = page.next;
        if (signal.aborted) return 'key_not_accepted';
        if (!page.isLast) continue;
        if (begun !== null) break;
        begun = subscription.begin();
        if (!(await this.past.reached(begun, signal))) return 'unavailable';
      }
    }
    for (;;) {
      const events = await subscription.take(signal);
      if (signal.aborted) return 'key_not_accepted';
      if (events === 'overrun') return 'unavailable';
      yield events;
    }
  }
}
