import type { DomainEvent } from '@ringfence/domain/domain-event';
import type { Mode } from '@ringfence/domain/shared/values';

/** Totals of the log, counted while it is read. */
export type Totals = {
  readonly events: number;
  readonly accounts: number;
  readonly keysIssued: number;
  readonly keysRevoked: number;
  readonly callsPlaced: number;
  readonly callsAnswered: number;
  readonly callsEnded: number;
  readonly callsRefused: number;
  readonly live: Money;
  readonly test: Money;
};
/** Sums in micro-units. Currencies are added unconverted, so they are a check, not an amount of money. */
type Money = { readonly creditMicros: bigint; readonly reservedMicros: bigint; readonly chargedMicros: bigint };

const noMoney: Money = { creditMicros: 0n, reservedMicros: 0n, chargedMicros: 0n };
export const noTotals: Totals = {
  events: 0,
  accounts: 0,
  keysIssued: 0,
  keysRevoked: 0,
  callsPlaced: 0,
  callsAnswered: 0,
  callsEnded: 0,
  callsRefused: 0,
  live: noMoney,
  test: noMoney,
};

/** Adds one event; `reservedMicros` is the amount reserved after it. */
export function counted(totals: Totals, event: DomainEvent): Totals {
  return { ...totals, ...changes(totals, event), events: totals.events + 1 };
}

function changes(totals: Totals, event: DomainEvent): Partial<Totals> {
  switch (event.type) {
    case 'AccountOpened':
      return { accounts: totals.accounts + 1 };
    case 'KeyIssued':
    case 'SigningKeyRegistered':
      return { keysIssued: totals.keysIssued + 1 };
    case 'KeyRevoked':
      return { keysRevoked: totals.keysRevoked + 1 };
    case 'CallRefused':
      return { callsRefused: totals.callsRefused + 1 };
    case 'CallRefusalsCounted':
      return { callsRefused: totals.callsRefused + event.count };
    case 'CreditAdded':
      return moved(totals, event.mode, { creditMicros: event.amountMicros });
    case 'CallPlaced':
    case 'CallReceived':
      return {
        callsPlaced: totals.callsPlaced + 1,
        ...moved(totals, event.mode, { reservedMicros: event.reservedMicros }),
      };
    case 'CallAnswered':
      return { callsAnswered: totals.callsAnswered + 1 };
    case 'CallExtended':
      return moved(totals, event.mode, { reservedMicros: event.addedMicros });
    case 'CallCompleted':
      return {
        callsEnded: totals.callsEnded + 1,
        ...moved(totals, event.mode, {
          reservedMicros: -(event.chargedMicros + event.releasedMicros),
          chargedMicros: event.chargedMicros,
        }),
      };
    case 'CallFailed':
      return {
        callsEnded: totals.callsEnded + 1,
        ...moved(totals, event.mode, { reservedMicros: 0n - event.releasedMicros }),
      };
    default:
      // Not counted.
      return {};
  }
}

function moved(totals: Totals, mode: Mode, by: Partial<Money>): Partial<Totals> {
  const { creditMicros, reservedMicros, chargedMicros } = totals[mode];
  return {
    [mode]: {
      creditMicros: creditMicros + (by.creditMicros ?? 0n),
      reservedMicros: reservedMicros + (by.reservedMicros ?? 0n),
      chargedMicros: chargedMicros + (by.chargedMicros ?? 0n),
    },
  };
}
