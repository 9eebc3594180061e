import { modes } from '@ringfence/domain/shared/values';
import { microsAmount, nullable, oneOf, sealedText } from '@ringfence/event-catalog/shape';
import { defineCommand } from '../command-definition.js';
import { accountFields } from '../wire-fields.js';

export const addCredit = defineCommand<'AddCredit'>({
  name: 'add_credit',
  version: 1,
  fields: { ...accountFields, mode: oneOf(modes), amountMicros: microsAmount, reference: nullable(sealedText) },
  allowedWhileDraining: false,
});
