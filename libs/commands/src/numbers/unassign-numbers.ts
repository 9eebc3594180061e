import { defineCommand } from '../command-definition.js';
import { accountFields } from '../wire-fields.js';
import { numberSelection } from './number-selection.js';

export const unassignNumbers = defineCommand<'UnassignNumbers'>({
  name: 'unassign_numbers',
  version: 1,
  fields: { ...accountFields, selection: numberSelection },
  allowedWhileDraining: false,
});
