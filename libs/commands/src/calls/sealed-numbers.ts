import type { PresentedNumber, SealedText } from '@ringfence/domain/shared/values';
import type { CommandPayloadOf } from '../command-dispatcher.js';

/** A command with the numbers of a call, as it travels. */
export type WithSealedNumbers<Type extends 'PlaceCall' | 'ReceiveCall' | 'SimulateInboundCall'> = Omit<
  CommandPayloadOf<Type>,
  'from' | 'to'
> & { readonly from: SealedText; readonly to: SealedText };

/**
 * Numbers travel only sealed: readers of the topic learn nothing, and erasing a subject makes old commands unreadable
 * too.
 */
export const numbersSealed = {
  toWire: <Payload extends { readonly from: PresentedNumber; readonly to: PresentedNumber }>(payload: Payload) => ({
    ...payload,
    from: payload.from.sealed,
    to: payload.to.sealed,
  }),
  sealed: ({ from, to }: { readonly from: SealedText; readonly to: SealedText }) => [from, to],
  isConsistent: () => true,
  fromWire: <Wire extends { readonly from: SealedText; readonly to: SealedText }>(
    wire: Wire,
    [from, to]: readonly (string | null)[],
  ) => ({ ...wire, from: presented(wire.from, from), to: presented(wire.to, to) }),
};

function presented(sealed: SealedText, clear: string | null | undefined): PresentedNumber {
  return { clear: clear ?? '', sealed };
}
