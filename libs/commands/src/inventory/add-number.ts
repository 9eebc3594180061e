import type { SealedText } from '@ringfence/domain/shared/values';
import { id, nullable, sealedText, text } from '@ringfence/event-catalog/shape';
import { inventoryStream } from '@ringfence/kernel/ids';
import { defineCommandAs } from '../command-definition.js';
import type { CommandPayloadOf } from '../command-dispatcher.js';
import { accountFields } from '../wire-fields.js';

/** The number travels only sealed. */
type WireNumber = Omit<CommandPayloadOf<'AddNumber'>, 'number'> & { readonly number: SealedText };

export const addNumber = defineCommandAs<'AddNumber', WireNumber>(
  {
    name: 'add_number',
    version: 1,
    stream: inventoryStream,
    fields: {
      ...accountFields,
      numberId: id('vn'),
      number: sealedText,
      locality: nullable(text('label')),
      name: nullable(sealedText),
    },
    allowedWhileDraining: false,
  },
  {
    toWire: (payload) => ({ ...payload, number: payload.number.sealed }),
    sealed: ({ number }) => [number],
    isConsistent: () => true,
    fromWire: (wire, [clear]) => ({ ...wire, number: { clear: clear ?? '', sealed: wire.number } }),
  },
);
