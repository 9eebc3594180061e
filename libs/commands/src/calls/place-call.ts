import type { PresentedNumber, SealedText } from '@ringfence/domain/shared/values';
import { fewerWords } from '@ringfence/event-catalog/catalogue';
import { duration, flag, id, nullable, sealedText } from '@ringfence/event-catalog/shape';
import type { CommandPayloadOf } from '../command-dispatcher.js';
import { defineCommandAs } from '../command-definition.js';
import { callFields } from '../wire-fields.js';

/**
 * Numbers travel only sealed: readers of the topic learn nothing, and erasing a subject makes old commands unreadable
 * too.
 */
type WireCall = Omit<CommandPayloadOf<'PlaceCall'>, 'from' | 'to'> & {
  readonly from: SealedText;
  readonly to: SealedText;
};

export const placeCall = defineCommandAs<'PlaceCall', WireCall>(
  {
    name: 'place_call',
    version: 2,
    fields: {
      ...callFields,
      legId: id('cl'),
      attemptId: id('evt'),
      from: sealedText,
      to: sealedText,
      flowUrl: nullable(sealedText),
      statusCallbackUrl: nullable(sealedText),
      record: flag,
      ringTimeoutMs: duration,
    },
    // Version 1 has a flow always.
    upcasters: [fewerWords],
    downcaster: (data) => (data['flowUrl'] === null ? undefined : data),
    allowedWhileDraining: false,
  },
  {
    toWire: (payload) => ({ ...payload, from: payload.from.sealed, to: payload.to.sealed }),
    sealed: ({ from, to }) => [from, to],
    isConsistent: () => true,
    fromWire: (wire, [from, to]) => ({ ...wire, from: presented(wire.from, from), to: presented(wire.to, to) }),
  },
);

function presented(sealed: SealedText, clear: string | null | undefined): PresentedNumber {
  return { clear: clear ?? '', sealed };
}
