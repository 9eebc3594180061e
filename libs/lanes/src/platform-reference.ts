import {
  compileRateDecks,
  type RateDeck,
  type RateDecks,
  noRateDecks,
} from '@ringfence/domain/billing/rating/rate-deck';
import { parseRateDeckRows } from '@ringfence/domain/billing/rating/rate-deck-rows';
import type { NumberingPlan } from '@ringfence/domain/limits/numbering-plan';
import { withOpenedRanges } from '@ringfence/domain/limits/opened-ranges';
import type { PlatformState, PublishedDeck } from '@ringfence/domain/streams/platform/platform-state';
import { isOfNewerRelease } from '@ringfence/event-catalog/failures';
import type { EventStore } from '@ringfence/ports/log/event-store';
import { BrokenInvariant } from '@ringfence/kernel/invariant';
import { platformStream } from '@ringfence/kernel/ids';
import type { StreamVersion } from '@ringfence/kernel/units';
import { libphonenumberPlan } from '@ringfence/numbering/numbering-plan';
import { laneFailures } from './lane-failures.js';
import type { LaneHost } from './lane-host.js';
import type { LaneModel } from './lane-models.js';
import { catchUp, type LoadedStream, loadStream } from './loaded-stream.js';

/** The part of a lane's host that reference data reports to. */
export type ReferenceHost = Pick<LaneHost, 'broken' | 'outdated'>;

/**
 * The platform's reference data for decisions: operators' keys, rate decks, and numbering plans.
 */
export class PlatformReference {
  #loaded: LoadedStream<PlatformState>;
  #rateDecks: RateDecks = noRateDecks;
  #numberingPlan: NumberingPlan;
  #decksStale = true;
  /** Version up to which `noteRemoteAdvance` has announced events. */
  #movedTo: StreamVersion;
  /** Decks by id; a published deck never changes. */
  #decks = new Map<string, RateDeck>();

  private constructor(
    private readonly store: EventStore,
    private readonly model: LaneModel<PlatformState>,
    private readonly host: ReferenceHost,
    loaded: LoadedStream<PlatformState>,
  ) {
    this.#loaded = loaded;
    this.#numberingPlan = withOpenedRanges(libphonenumberPlan, loaded.state.openedRanges);
    this.#movedTo = loaded.version;
  }

  /** @throws HistoryBroken; Failure `event_store_unavailable` (retryable) */
  static async load(
    store: EventStore,
    model: LaneModel<PlatformState>,
    host: ReferenceHost,
  ): Promise<PlatformReference> {
    const reference = new PlatformReference(store, model, host, await loadStream(store, model, platformStream));
    await reference.ensureFresh();
    return reference;
  }

  get loaded(): LoadedStream<PlatformState> {
    return this.#loaded;
  }

  get rateDecks(): RateDecks {
    return this.#rateDecks;
  }

  /** The numbering plans, with the ranges that operators have opened. */
  get numberingPlan(): NumberingPlan {
    return this.#numberingPlan;
  }

  /**
   * Reads new events of the platform's stream.
   * @throws HistoryBroken; Failure `event_store_unavailable`, or `lane_unavailable` if a newer release has written
   * them (retryable)
   */
  async refresh(): Promise<void> {
    await this.#catchUp();
    await this.ensureFresh();
  }

  /** Notes that another process has written to the platform's stream; it is read before the next decision. */
  noteRemoteAdvance(version: StreamVersion): void {
    if (version > this.#movedTo) this.#movedTo = version;
  }

  /**
   * Adopts the state just committed; call `ensureFresh` before the next decision. Ignores a state older than the
   * current one, which was read meanwhile.
   */
  set(loaded: LoadedStream<PlatformState>): void {
    if (loaded.version < this.#loaded.version) return;
    this.#decksStale ||= loaded.state.decks !== this.#loaded.state.decks;
    if (loaded.state.openedRanges !== this.#loaded.state.openedRanges)
      this.#numberingPlan = withOpenedRanges(libphonenumberPlan, loaded.state.openedRanges);
    this.#loaded = loaded;
  }

  /** Says whether `ensureFresh` has nothing to read. */
  get isFresh(): boolean {
    return !this.#behind() && !this.#decksStale;
  }

  /**
   * Reads the events that `noteRemoteAdvance` has announced, and newly published rate decks.
   * @throws as `refresh`
   */
  async ensureFresh(): Promise<void> {
    if (this.#behind()) await this.#catchUp();
    while (this.#decksStale) {
      // Before they are read, because a deck published meanwhile makes them stale again.
      this.#decksStale = false;
      await this.#compileDecks().catch((failure: unknown) => {
        this.#decksStale = true;
        throw failure;
      });
    }
  }

  #behind(): boolean {
    return this.#movedTo > this.#loaded.version;
  }

  async #catchUp(): Promise<void> {
    try {
      this.set(await catchUp(this.store, this.model, platformStream, this.#loaded));
    } catch (error) {
      if (!isOfNewerRelease(error)) throw error;
      this.host.outdated(platformStream, error);
      // The waiting commands are not at fault: none of them may be parked.
      throw laneFailures.outdated(error);
    }
  }

  async #compileDecks(): Promise<void> {
    const decks = new Map<string, RateDeck>();
    for (const published of this.#loaded.state.decks.values()) {
      const deck = this.#decks.get(published.deckId) ?? (await this.#read(published));
      if (deck !== undefined) decks.set(published.deckId, deck);
    }
    this.#decks = decks;
    this.#rateDecks = compileRateDecks([...decks.values()]);
  }

  /** @returns undefined if the rows cannot be read: then the deck has no prices until an operator has resolved it */
  async #read(published: PublishedDeck): Promise<RateDeck | undefined> {
    const { deckId, deckVersion, currency, effectiveFromMs, rowsSha256 } = published;
    const blob = await this.store.getBlob(rowsSha256);
    const rows =
      blob === undefined ? { fault: 'its blob is missing' } : parseRateDeckRows(new TextDecoder().decode(blob));
    if (!('fault' in rows)) return { deckId, deckVersion, currency, effectiveFromMs, rows };
    this.host.broken(new BrokenInvariant(`rate deck ${deckId} cannot be used: ${rows.fault}`));
    return undefined;
  }
}
