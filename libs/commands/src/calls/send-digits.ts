import { count, duration, id, nullable } from '@ringfence/event-catalog/shape';
import { defineCommand } from '../command-definition.js';
import { callFields } from '../wire-fields.js';

export const sendDigits = defineCommand<'SendDigits'>({
  name: 'send_digits',
  version: 1,
  fields: {
    ...callFields,
    legId: nullable(id('cl')),
    operationId: id('op'),
    digitCount: count,
    toneMs: duration,
  },
  allowedWhileDraining: false,
});
