import { numberTarget } from '@ringfence/event-catalog/numbers';
import { defineCommand } from '../command-definition.js';
import { accountFields } from '../wire-fields.js';
import { numberSelection } from './number-selection.js';

export const assignNumbers = defineCommand<'AssignNumbers'>({
  name: 'assign_numbers',
  version: 1,
  fields: { ...accountFields, selection: numberSelection, target: numberTarget },
  allowedWhileDraining: false,
});
