import { Inject, Injectable } from '@nestjs/common';
import { type KeyEntry, KeyRegistry } from '@ringfence/application/auth/key-registry';
import type { EventStore } from '@ringfence/event-store/event-store';
import { parseKeyId } from '@ringfence/kernel/ids';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Caller } from '../edge/access.js';
import { EVENT_STORE } from '../edge/ports.js';
import { edgeProblem } from '../problem.js';

/** How long a key that stands in the log may take to turn up in this gateway's registry. */
const turnsUpWithinMs = 1_000;

/** Finds the key that a path names, among those that the caller may touch. */
@Injectable()
export class KeyFinder {
  constructor(
    @Inject(KeyRegistry) private readonly registry: KeyRegistry,
    @Inject(EVENT_STORE) private readonly store: EventStore,
  ) {}

  /** @throws HttpProblem `not_found`, also for a key of somebody else */
  async find(caller: Caller, keyIdText: string): Promise<KeyEntry> {
    const entry = await this.#entryOf(keyIdText);
    if (entry === undefined || (caller.accountId !== null && caller.accountId !== entry.accountId)) {
      throw edgeProblem('not_found', 'there is no such key');
    }
    return entry;
  }

  async #entryOf(keyIdText: string): Promise<KeyEntry | undefined> {
    const keyId = parseKeyId(keyIdText);
    if (keyId === undefined) return undefined;
    const known = this.registry.find(keyId);
    if (known !== undefined || (await this.store.readSubject(keyId, 1)).length === 0) return known;
    const deadline = performance.now() + turnsUpWithinMs;
    while (performance.now() < deadline) {
      await sleep(20);
      const found = this.registry.find(keyId);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}
