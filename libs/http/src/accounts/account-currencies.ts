import { Inject, Injectable } from '@nestjs/common';
import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import { EVENT_STORE, type EventStore } from '@ringfence/ports/log/event-store';
import type { AccountId } from '@ringfence/kernel/ids';
import { streamVersion } from '@ringfence/kernel/units';
import { LRUCache } from 'lru-cache';

const rememberedMax = 10_000;
const firstVersion = streamVersion(1);

/** The currency of an account: the first event of its stream names it, and it never changes. */
@Injectable()
export class AccountCurrencies {
  readonly #remembered = new LRUCache<AccountId, string>({ max: rememberedMax });

  constructor(@Inject(EVENT_STORE) private readonly store: EventStore) {}

  /**
   * @returns an ISO 4217 code; undefined: there is no such account
   * @throws Failure `event_store_unavailable` (retryable)
   */
  async of(accountId: AccountId): Promise<string | undefined> {
    const remembered = this.#remembered.get(accountId);
    if (remembered !== undefined) return remembered;
    const [first] = await this.store.readStream(accountId, firstVersion, 1);
    const opened = first === undefined ? undefined : decodeRecorded(first).data;
    if (opened?.type !== 'AccountOpened') return undefined;
    this.#remembered.set(accountId, opened.currency);
    return opened.currency;
  }
}
