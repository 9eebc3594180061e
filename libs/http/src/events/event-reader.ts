import { beginsCall } from '@ringfence/domain/calls/begun-call';
import { Inject, Injectable } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import { parseEventId } from '@ringfence/kernel/ids';
import { EVENT_STORE, type EventStore } from '@ringfence/ports/log/event-store';
import { FindDeliveredEvent } from '@ringfence/read-models/webhooks/delivered-events.handlers';
import type { DeliveredEventRow } from '@ringfence/read-models/webhooks/delivered-events.queries';
import type { OpenedNumbers } from '@ringfence/wire/calls/call-event-body';
import { type DeliveredEnvelope, isDelivered, webhookBody } from '@ringfence/wire/webhooks/webhook-body';
import type { FastifyRequest } from 'fastify';
import { callerOf, ownerFor } from '../edge/access.js';
import { momentText, PersonalValues } from '../edge/reading.js';
import { edgeProblem } from '../problem.js';

/** Finds events that are delivered and that the caller may see, and renders them. */
@Injectable()
export class EventReader {
  constructor(
    @Inject(QueryBus) private readonly queries: QueryBus,
    @Inject(PersonalValues) private readonly personal: PersonalValues,
    @Inject(EVENT_STORE) private readonly store: EventStore,
  ) {}

  /** @throws HttpProblem `not_found`, also for an event of another account or of the other mode */
  async find(request: FastifyRequest, idText: string): Promise<DeliveredEventRow> {
    const eventId = parseEventId(idText);
    const owner = ownerFor(callerOf(request));
    const row = eventId && (await this.queries.execute(new FindDeliveredEvent(eventId, owner)));
    if (row === undefined) throw edgeProblem('not_found', 'there is no such event, or it is delivered to nobody');
    return row;
  }

  /** @throws Failure `vault_unavailable`, `event_store_unavailable` (retryable) */
  async bodies(rows: readonly DeliveredEventRow[]): Promise<readonly object[]> {
    const recorded = await this.store.readAt(rows.map(({ position }) => position));
    const envelopes = new Map(
      recorded
        .map(decodeRecorded)
        .filter(isDelivered)
        .map((each) => [each.position, each]),
    );
    const numbers = await this.#numbersOf([...envelopes.values()]);
    return rows.map((row) => {
      const envelope = envelopes.get(row.position);
      const payload = envelope === undefined ? null : webhookBody(envelope, numbers.get(envelope) ?? noNumbers, row);
      return eventBody(row, envelope, payload);
    });
  }

  async #numbersOf(envelopes: readonly DeliveredEnvelope[]): Promise<ReadonlyMap<DeliveredEnvelope, OpenedNumbers>> {
    const placed = envelopes.flatMap((envelope) =>
      beginsCall(envelope.data) ? [{ envelope, from: envelope.data.from, to: envelope.data.to }] : [],
    );
    const opened = await this.personal.open(placed, ['from', 'to']);
    return new Map(placed.map(({ envelope }, at) => [envelope, opened[at] ?? noNumbers]));
  }
}

const noNumbers: OpenedNumbers = { values: { from: null, to: null }, erased: [] };

/** An event in Teler's fields, with its mode. */
function eventBody(row: DeliveredEventRow, envelope: DeliveredEnvelope | undefined, payload: object | null): object {
  return {
    id: row.eventId,
    account_id: row.accountId,
    mode: row.mode,
    call_id: row.callId,
    sip_trunk_id: null,
    leg_id: envelope?.data.legId ?? null,
    type: row.eventName,
    api_version: row.apiVersion,
    occurred_at: momentText(row.occurredAtMs),
    payload,
    delivery_status: row.state,
    attempt_count: row.attempts,
    last_attempt_at: momentText(row.lastAttemptAtMs),
    last_status_code: row.lastStatus,
    last_error: row.lastError,
    delivered_at: row.state === 'delivered' ? momentText(row.settledAtMs) : null,
    created_at: momentText(row.queuedAtMs),
  };
}
