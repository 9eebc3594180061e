import type { DomainCommand } from '@ringfence/domain/command';
import type { RateDecks } from '@ringfence/domain/billing/rating/rate-deck';
import type { Routes } from '@ringfence/domain/routing/routes';
import { type DestinationOrder, destinationOrder } from '@ringfence/domain/limits/destination-order';
import type { Calendar } from '@ringfence/domain/shared/calendar';
import type { NumberingPlan } from '@ringfence/domain/limits/numbering-plan';
import type { Actor, Principal } from '@ringfence/domain/shared/values';
import type { EpochMs } from '@ringfence/kernel/units';
import { policyHashOf } from '@ringfence/event-catalog/policy-hash';
import type { CommandPayload } from '@ringfence/commands/command-dispatcher';

/** Current reference data of the platform for decisions. */
export type ReferenceData = {
  readonly rateDecks: RateDecks;
  readonly routes: Routes;
  readonly numberingPlan: NumberingPlan;
  readonly calendar: Calendar;
};

/** Adds the metadata that the decider needs to a command. */
export function withMetadata(
  payload: CommandPayload,
  nowMs: EpochMs,
  principal: Principal,
  reference: ReferenceData,
): DomainCommand {
  if (payload.type === 'PlaceCall') return { ...payload, nowMs, principal, ...reference };
  switch (payload.type) {
    case 'ReceiveCall': {
      const { rateDecks, numberingPlan, calendar } = reference;
      return { ...payload, nowMs, principal, rateDecks, numberingPlan, calendar };
    }
    case 'OpenAccount':
      return {
        ...payload,
        nowMs,
        principal,
        pricedCurrencies: reference.rateDecks.currencies(nowMs),
        calendar: reference.calendar,
      };
    case 'AddNumber':
      return { ...payload, nowMs, principal, numberingPlan: reference.numberingPlan };
    case 'ChangeTimeZone':
      return { ...payload, nowMs, principal, calendar: reference.calendar };
    case 'IssueKey':
    case 'RegisterSigningKey':
    case 'RotateKey':
      return { ...payload, nowMs, principal, destinationOrder: orderIn(reference, nowMs) };
    case 'ChangeKeyPolicy':
      return { ...payload, nowMs, principal, destinationOrder: orderIn(reference, nowMs), policyHashOf };
    default:
      return { ...payload, nowMs, principal };
  }
}

function orderIn({ numberingPlan, rateDecks }: ReferenceData, nowMs: EpochMs): DestinationOrder {
  return destinationOrder(numberingPlan, rateDecks, nowMs);
}

/** Returns the actor that issued the events of an accepted command. */
export function actorOf(principal: Principal, keyVersion: number): Actor {
  switch (principal.kind) {
    case 'key':
      return { kind: 'key', id: principal.keyId, version: keyVersion };
    case 'worker':
      return { kind: 'worker', id: principal.workerId, version: 0 };
    case 'operator':
      return { kind: 'operator', id: principal.name, version: 0 };
    case 'timer':
      return timerActor;
  }
}

export const timerActor: Actor = { kind: 'timer', id: 'lane', version: 0 };
/** Actor of the events of a refusal. The lane issues them, because a refused key has caused nothing. */
export const refusalActor: Actor = { ...timerActor };
