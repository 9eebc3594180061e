import { duration, id, sealedText } from '@ringfence/event-catalog/shape';
import { defineCommandAs } from '../command-definition.js';
import { callFields } from '../wire-fields.js';
import { numbersSealed, type WithSealedNumbers } from './sealed-numbers.js';

export const receiveCall = defineCommandAs<'ReceiveCall', WithSealedNumbers<'ReceiveCall'>>(
  {
    name: 'receive_call',
    version: 1,
    fields: {
      ...callFields,
      legId: id('cl'),
      attemptId: id('evt'),
      from: sealedText,
      to: sealedText,
      ringTimeoutMs: duration,
    },
    allowedWhileDraining: false,
  },
  numbersSealed,
);
