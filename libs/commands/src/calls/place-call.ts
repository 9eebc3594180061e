import { fewerWords } from '@ringfence/event-catalog/catalogue';
import { duration, flag, id, nullable, sealedText } from '@ringfence/event-catalog/shape';
import { defineCommandAs } from '../command-definition.js';
import { callFields } from '../wire-fields.js';
import { numbersSealed, type WithSealedNumbers } from './sealed-numbers.js';

export const placeCall = defineCommandAs<'PlaceCall', WithSealedNumbers<'PlaceCall'>>(
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
  numbersSealed,
);
