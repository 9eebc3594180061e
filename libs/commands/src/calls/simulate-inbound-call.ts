import { duration, id, sealedText } from '@ringfence/event-catalog/shape';
import { defineCommandAs } from '../command-definition.js';
import { callFields } from '../wire-fields.js';
import { numbersSealed, type WithSealedNumbers } from './sealed-numbers.js';

export const simulateInboundCall = defineCommandAs<'SimulateInboundCall', WithSealedNumbers<'SimulateInboundCall'>>(
  {
    name: 'simulate_inbound_call',
    version: 1,
    fields: {
      ...callFields,
      attemptId: id('evt'),
      from: sealedText,
      to: sealedText,
      givesUpAfterMs: duration,
      hangsUpAfterMs: duration,
    },
    allowedWhileDraining: false,
  },
  numbersSealed,
);
