import { actionEnd } from '@ringfence/event-catalog/call-flows';
import { count } from '@ringfence/event-catalog/shape';
import { defineCommand } from '../command-definition.js';
import { callFields } from '../wire-fields.js';

export const recordActionEnd = defineCommand<'RecordActionEnd'>({
  name: 'record_action_end',
  version: 1,
  fields: { ...callFields, step: count, ...actionEnd },
  allowedWhileDraining: false,
});
