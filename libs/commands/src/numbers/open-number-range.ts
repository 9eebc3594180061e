import { numberKinds } from '@ringfence/domain/limits/numbering-plan';
import { moment, nullable, oneOf, text } from '@ringfence/event-catalog/shape';
import { defineCommand } from '../command-definition.js';

export const openNumberRange = defineCommand<'OpenNumberRange'>({
  name: 'open_number_range',
  version: 1,
  fields: {
    prefix: text('prefixDigits'),
    territory: nullable(text('country')),
    kind: oneOf(numberKinds),
    effectiveFromMs: nullable(moment),
    effectiveUntilMs: nullable(moment),
  },
  allowedWhileDraining: false,
});
