import { Inject, Injectable } from '@nestjs/common';
import { EVENT_STORE, type EventStore } from '@ringfence/ports/log/event-store';
import { type AccountId, type CallId, parseAccountId } from '@ringfence/kernel/ids';

/**
 * Finds the account of a call that an operator names only by its id. It reads the log, so that a call placed a moment
 * ago is found.
 */
@Injectable()
export class CallOwners {
  constructor(@Inject(EVENT_STORE) private readonly store: EventStore) {}

  async accountOf(callId: CallId): Promise<AccountId | undefined> {
    const [first] = await this.store.readSubject(callId, 1);
    return first === undefined ? undefined : parseAccountId(first.stream);
  }
}
