import { id, nullable } from '@ringfence/event-catalog/shape';
import { defineCommand } from '../command-definition.js';
import { accountFields } from '../wire-fields.js';

export const eraseSubject = defineCommand<'EraseSubject'>({
  name: 'erase_subject',
  version: 1,
  fields: { ...accountFields, subjectId: nullable(id('sub')) },
  allowedWhileDraining: true,
});
