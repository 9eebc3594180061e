import { Inject, Injectable } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import { pause } from '@ringfence/kernel/timers';
import { type Position, position } from '@ringfence/kernel/units';
import { ProjectionProgress } from '@ringfence/projections/projection-progress';
import { ListAuditEvents } from '@ringfence/read-models/audit/audit.handlers';
import type { AuditEventsRequest } from '@ringfence/read-models/audit/audit.queries';
import { systemTimers } from '@ringfence/runtime/system-timers';
import { ReadBounds, type ReadTurn } from '../edge/read-bounds.js';
import { catchUpMsMax } from '../edge/reading.js';
import { HttpProblem } from '../problem.js';
import { type CallLifeEnvelope, isCallLife, isOfCallLife } from '@ringfence/wire/calls/call-event-body';

/** Events that are read at once. */
const pageEventsMax = 64;
/** Pause before a page is asked for again that had no room among the reads of its account. */
const noRoomPauseMs = 1_000;

type Past = Pick<AuditEventsRequest, 'accountId' | 'mode'>;
/** Key and account whose bounds on reads apply. */
type Reader = Parameters<ReadBounds['begin']>[0];
type Page = {
  readonly events: readonly CallLifeEnvelope[];
  readonly next: Position;
  /** True if there was nothing more. */
  readonly isLast: boolean;
};

/** Reads the events of an account's calls that are in the log already, within the bounds of its reads. */
@Injectable()
export class PastCallEvents {
  constructor(
    @Inject(QueryBus) private readonly queries: QueryBus,
    @Inject(ReadBounds) private readonly bounds: ReadBounds,
    @Inject(ProjectionProgress) private readonly progress: ProjectionProgress,
  ) {}

  /** Waits until every event below `below` can be read. @returns false: not in time, or `signal` aborted */
  async reached(below: Position, signal: AbortSignal): Promise<boolean> {
    const models = ['audit_trail'];
    return this.progress.hasReached(models, below) || this.progress.waitFor(models, below, catchUpMsMax, signal);
  }

  /** @throws Failure `database_unavailable`, `event_store_unavailable` (retryable) */
  async page(past: Past, from: Position, reader: Reader, signal: AbortSignal): Promise<Page> {
    const turn = await this.#turn(reader, signal);
    try {
      if (turn === undefined) return { events: [], next: from, isLast: false };
      const asked = { ...past, fromPosition: from, limit: pageEventsMax };
      const found = await this.queries.execute(new ListAuditEvents(asked));
      const last = found.at(-1);
      return {
        events: found
          .filter(({ attributes }) => isOfCallLife(attributes.type))
          .flatMap(({ recorded }) => {
            const envelope = decodeRecorded(recorded);
            return isCallLife(envelope) ? [envelope] : [];
          }),
        next: last === undefined ? from : position(last.recorded.position + 1),
        isLast: found.length < pageEventsMax,
      };
    } finally {
      turn?.answered(0);
    }
  }

  /** A turn among the reads of the account. @returns undefined: `signal` has aborted */
  async #turn(reader: Reader, signal: AbortSignal): Promise<ReadTurn | undefined> {
    while (!signal.aborted) {
      try {
        const turn = this.bounds.begin(reader);
        await turn.ready;
        return turn;
      } catch (refusal) {
        if (!(refusal instanceof HttpProblem && refusal.code === 'reads_overrun')) throw refusal;
        await pause(systemTimers, noRoomPauseMs, signal);
      }
    }
    return undefined;
  }
}
