import { id, nullable } from '@ringfence/event-catalog/shape';
import { defineCommand } from '../command-definition.js';
import { callFields } from '../wire-fields.js';

export const hangUpCall = defineCommand<'HangUpCall'>({
  name: 'hang_up_call',
  version: 1,
  fields: { ...callFields, legId: nullable(id('cl')) },
  allowedWhileDraining: true,
});
