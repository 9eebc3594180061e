import { Inject, Injectable } from '@nestjs/common';
import { SUBJECT_VAULT, type SubjectVault } from '@ringfence/ports/vault/subject-vault';
import type { SealedText } from '@ringfence/domain/shared/values';
import { EVENT_STORE, type EventStore } from '@ringfence/ports/log/event-store';
import { type EpochMs, epochMs, type Position, position } from '@ringfence/kernel/units';
import type { Page } from '@ringfence/read-models/page';
import { edgeProblem, retryAfterDefaultMs } from '../problem.js';
import type { FastifyRequest } from 'fastify';
import { ProjectionProgress } from '@ringfence/projections/projection-progress';
import { cursorParts, cursorText } from './cursors.js';
import { AccessGuard, callerOf } from './access.js';
import { positionFrom, positionTokenOf } from './positions.js';
import { LOG_NAME, type LogName } from './ports.js';
import { withTurnYielded } from './read-bounds.js';
import { noteStale } from './stale-reads.js';

/** The projections that answers are read from, by the name of their schema. */
export type ReadModelName =
  | 'accounts'
  | 'audit_trail'
  | 'calls'
  | 'key_registry'
  | 'ledger'
  | 'numbers'
  | 'rate_counters'
  | 'usage'
  | 'webhook_secrets'
  | 'voice_apps'
  | 'trunks';

/** Longest time that a read with `min_position` waits for its read model. */
export const minPositionWaitMsMax = 5_000;

/** Longest time that a read of a new object waits for its read model. */
export const catchUpMsMax = 2_000;

/** Longest time that a read waits for the writes of its account. */
const ownWritesWaitMsMax = 1_000;

/** Makes reads wait for the client's own writes. */
@Injectable()
export class ReadGate {
  constructor(
    @Inject(ProjectionProgress) private readonly progress: ProjectionProgress,
    @Inject(LOG_NAME) private readonly log: LogName,
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(AccessGuard) private readonly guard: AccessGuard,
  ) {}

  /**
   * Settles when every named read model has seen the event at `minPosition`. Without a position, settles when they have
   * seen all writes that the caller's account was answered before, by any gateway, or after `ownWritesWaitMsMax`; then
   * the answer is marked as stale. A waiting read does not run, but counts as present, and ends with its connection.
   * @throws HttpProblem `position_invalid`, `position_of_other_log`, `read_model_behind`; as `ReadTurn.rest`
   */
  async wait(
    request: FastifyRequest,
    minPosition: string | null | undefined,
    models: readonly ReadModelName[],
  ): Promise<void> {
    if (minPosition === undefined || minPosition === null) {
      await this.#ownWrites(request, models);
      return;
    }
    const wanted = position(positionFrom(minPosition, this.log.logId) + 1);
    if (await this.reached(request, models, wanted, minPositionWaitMsMax)) return;
    throw edgeProblem('read_model_behind', 'the read model has not come to this position yet', {
      retryAfterMs: retryAfterDefaultMs,
    });
  }

  /**
   * Looks an answer up in the named read models, when they have seen what `wait` waits for. Without a position, looks
   * the answer and the end of the caller's own writes up at once, in one round trip; and the answer again if the read
   * models had not come that far.
   * @throws HttpProblem as `wait`
   */
  async read<Answer>(
    request: FastifyRequest,
    minPosition: string | null | undefined,
    models: readonly ReadModelName[],
    look: () => Promise<Answer>,
  ): Promise<Answer> {
    if (typeof minPosition === 'string') {
      await this.wait(request, minPosition, models);
      return look();
    }
    // Before the rows are read: they hold every event below it.
    const seen = this.progress.reachedBy(models);
    const [below, answer] = await Promise.all([this.#ownWritesEnd(request), look()]);
    if (below <= seen) return answer;
    await this.#waitFor(request, models, below);
    return look();
  }

  /** Waits for the caller's own writes: for a key, those in its account's stream; for an operator, the whole log. */
  async #ownWrites(request: FastifyRequest, models: readonly ReadModelName[]): Promise<void> {
    await this.#waitFor(request, models, await this.#ownWritesEnd(request));
  }

  #ownWritesEnd(request: FastifyRequest): Promise<Position> {
    const { accountId } = callerOf(request);
    return accountId === null ? this.store.head() : this.store.streamEnd(accountId);
  }

  /** Waits at most `ownWritesWaitMsMax`; then the answer is marked as stale. */
  async #waitFor(request: FastifyRequest, models: readonly ReadModelName[], below: Position): Promise<void> {
    if (await this.reached(request, models, below, ownWritesWaitMsMax)) return;
    noteStale(request, positionTokenOf(this.log.logId, position(Math.max(0, this.progress.reachedBy(models) - 1))));
  }

  /**
   * Waits, as `wait` does, for every event below `below`. The key may be revoked meanwhile: then the wait ends, and it
   * reads no more.
   * @returns false if `timeoutMs` ran out first
   * @throws HttpProblem as `AccessGuard.checkAgain`
   */
  async reached(
    request: FastifyRequest,
    models: readonly ReadModelName[],
    below: Position,
    timeoutMs: number,
  ): Promise<boolean> {
    if (this.progress.hasReached(models, below)) return true;
    const reached = await withTurnYielded(request, (gone) =>
      this.guard.untilRevoked(request, gone, (signal) => this.progress.waitFor(models, below, timeoutMs, signal)),
    );
    await this.guard.checkAgain(request);
    return reached;
  }
}

/** Decrypted personal values; an erased one is null, and `erased` names it. */
export type Opened<Name extends string> = {
  readonly values: Readonly<Record<Name, string | null>>;
  readonly erased: readonly Name[];
};

/** Decrypts personal values, in one batch per answer; no other code does. */
@Injectable()
export class PersonalValues {
  constructor(@Inject(SUBJECT_VAULT) private readonly vault: SubjectVault) {}

  async open<Name extends string>(
    rows: readonly Readonly<Record<Name, SealedText | null>>[],
    names: readonly Name[],
  ): Promise<readonly Opened<Name>[]> {
    const asked = rows.flatMap((row) => names.map((name) => row[name]).filter((sealed) => sealed !== null));
    const texts = (await this.vault.open(asked)).values();
    return rows.map((row) => {
      const erased: Name[] = [];
      const values = names.map((name): readonly [Name, string | null] => {
        if (row[name] === null) return [name, null];
        const text = texts.next().value ?? null;
        if (text === null) erased.push(name);
        return [name, text];
      });
      return { values: Object.fromEntries(values) as Record<Name, string | null>, erased };
    });
  }
}

const pageLimitDefault = 50;
/** The most bytes of items on a page. */
export const pageBytesMax = 524_288;
type PageQuery = {
  readonly limit?: number | null;
  readonly cursor_after?: string | null;
  readonly cursor_before?: string | null;
};

/** The page that a query requests. @throws HttpProblem `cursor_invalid`, `validation_failed` */
export function pageRequestOf({ limit, cursor_after: after, cursor_before: before }: PageQuery) {
  const wanted = { limit: limit ?? pageLimitDefault };
  if (typeof after === 'string' && typeof before === 'string') {
    throw edgeProblem('validation_failed', 'cursor_after and cursor_before exclude each other', {
      errors: [{ in: 'query', path: ['cursor_before'], rule: 'exclusive', detail: 'excludes cursor_after' }],
    });
  }
  if (typeof after === 'string') return { ...wanted, cursor: { after: positionIn(after) } };
  if (typeof before === 'string') return { ...wanted, cursor: { before: positionIn(before) } };
  return wanted;
}

function positionIn(cursor: string): Position {
  return position(cursorParts(cursor, ['number'] as const)[0]);
}

type FoundPage = Pick<Page<unknown>, 'next' | 'previous' | 'positions' | 'backwards'>;
/**
 * A list in Teler's form. `has_more`: there is a next page. A page ends early if its items would exceed `pageBytesMax`;
 * the remaining ones are on the previous or next page.
 * @param data one item for each of the page's positions
 */
export function listBody(data: readonly object[], { next, previous, positions, backwards }: FoundPage): object {
  const sizes = data.map((item) => Buffer.byteLength(JSON.stringify(item)));
  const kept = backwards ? fitting(sizes.toReversed()) : fitting(sizes);
  const cut = kept < data.length;
  const from = backwards ? data.length - kept : 0;
  const [first, last] = [positions.at(from), positions.at(from + kept - 1)];
  const nextThere = cut && !backwards && last !== undefined ? last : next;
  const previousThere = cut && backwards && first !== undefined ? first : previous;
  return {
    data: data.slice(from, from + kept),
    next_cursor: nextThere === null ? null : cursorText([nextThere]),
    previous_cursor: previousThere === null ? null : cursorText([previousThere]),
    has_more: nextThere !== null,
  };
}

/** A page without neighbours. */
export const wholePage: FoundPage = { next: null, previous: null, positions: [], backwards: false };

/**
 * Counts how many of the first items fit into `bytesMax`.
 * @param notEmpty true if the page has items already; otherwise the first item is taken whatever its size
 */
export function fitting(sizesBytes: readonly number[], bytesMax: number = pageBytesMax, notEmpty = false): number {
  let bytes = 0;
  const over = sizesBytes.findIndex((size, at) => (bytes += size) > bytesMax && (notEmpty || at > 0));
  return over < 0 ? sizesBytes.length : over;
}

export function momentText(atMs: EpochMs): string;
export function momentText(atMs: EpochMs | null): string | null;
export function momentText(atMs: EpochMs | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString();
}

/** Parses a validated text in the format of RFC 3339. */
export function momentOf(text: string): EpochMs {
  return epochMs(Date.parse(text));
}
