import { afterEach, describe, expect, it } from '@jest/globals';
import { MemoryEventStore, MemoryLog } from '@ringfence/event-store-memory/memory-event-store';
import { platformStream, type StreamId } from '@ringfence/kernel/ids';
import { addDuration, durationMs, epochMs, type EpochMs } from '@ringfence/kernel/units';
import { exampleOpening } from '@ringfence/testing/examples';
import { FakeClock } from '@ringfence/testing/fake-clock';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import { openOrCreateLog } from './open-log.js';
import type { CommandPayload } from '@ringfence/commands/command-dispatcher';
import { LaneExecutor } from './lane-executor.js';
import { systemTimers } from '@ringfence/runtime/system-timers';

const hour = durationMs(3_600_000);
const row = { prefix: '49', country: 'DE', connectFeeMicros: '0', perMinuteMicros: '10000' };
const bySeconds = { ...row, minimumMs: 1_000, incrementMs: 1_000 };
/** A minimum that is no multiple of the increment. */
const uneven = { ...row, minimumMs: 1_500, incrementMs: 1_000 };

class Bench {
  readonly clock = new FakeClock();
  readonly ids = new PredictableIds();
  readonly store = new MemoryEventStore(new MemoryLog(), this.clock);
  readonly broken: string[] = [];
  #executor: LaneExecutor | undefined;

  async #running(): Promise<LaneExecutor> {
    if (this.#executor !== undefined) return this.#executor;
    const { store, clock, ids } = this;
    const log = await openOrCreateLog(store, { clock, ids, owner: 'spec' });
    const nothing = () => undefined;
    const broken = (cause: unknown) => this.broken.push(cause instanceof Error ? cause.message : String(cause));
    const host = { lanesLost: nothing, parked: nothing, quarantined: nothing, outdated: nothing, broken };
    const routes = { live: [], test: [] };
    const parts = { store, clock, ids, host, log, routes, timers: systemTimers, owner: 'spec', lanes: 'all' } as const;
    this.#executor = await LaneExecutor.start(parts);
    return this.#executor;
  }

  async stop(): Promise<void> {
    await this.#executor?.stop();
  }

  async publish(currency: string, rows: readonly object[], effectiveFromMs: EpochMs): Promise<string> {
    const rowsSha256 = await this.store.putBlob(Buffer.from(JSON.stringify(rows)));
    const deckId = this.ids.deckId();
    return this.#resultOf(platformStream, {
      type: 'PublishRateDeck',
      deckId,
      currency,
      rowCount: rows.length,
      rowsSha256,
      effectiveFromMs,
    });
  }

  open(currency: string): Promise<string> {
    const accountId = this.ids.accountId();
    return this.#resultOf(accountId, exampleOpening(accountId, { currency }));
  }

  async #resultOf(stream: StreamId, payload: CommandPayload): Promise<string> {
    const executor = await this.#running();
    const outcome = await executor.dispatch({
      commandId: this.ids.commandId(),
      idChosenByClient: false,
      fingerprint: new Uint8Array(0),
      stream,
      principal: { kind: 'operator', name: 'spec' },
      payload,
      result: {},
      deadlineMs: addDuration(this.clock.now(), hour),
      traceparent: null,
    });
    return outcome.accepted ? 'accepted' : outcome.refusal.code;
  }
}

describe('an account', () => {
  let b: Bench;
  afterEach(() => b.stop());

  it('is opened in no currency while the platform has no deck at all', async () => {
    b = new Bench();
    for (const currency of ['USD', 'EUR', 'JPY']) expect(await b.open(currency)).toBe('currency_without_deck');
    expect(await b.open('XTS')).toBe('currency_invalid');
  });

  it('is opened in the currency of a deck from the moment on that it is in force', async () => {
    b = new Bench();
    expect(await b.publish('EUR', [bySeconds], addDuration(b.clock.now(), hour))).toBe('accepted');
    expect(await b.open('EUR')).toBe('currency_without_deck');
    b.clock.advance(hour);
    expect(await b.open('EUR')).toBe('accepted');
    expect(await b.open('USD')).toBe('currency_without_deck');
  });

  it('is opened in no currency whose only deck cannot be used, as one with an uneven minimum', async () => {
    b = new Bench();
    expect(await b.publish('EUR', [bySeconds, { ...uneven, prefix: '33' }], epochMs(0))).toBe('accepted');
    expect(await b.open('EUR')).toBe('currency_without_deck');
    expect(b.broken).toEqual([expect.stringContaining('minimumMs is a multiple of incrementMs')]);
  });
});
