import { id, nullable } from '@ringfence/event-catalog/shape';
import { defineCommand } from '../command-definition.js';
import { ofAccount } from '../wire-fields.js';

export const eraseSubject = defineCommand<'EraseSubject'>({
  name: 'erase_subject',
  version: 1,
  fields: { ...ofAccount, subjectId: nullable(id('sub')) },
  allowedWhileDraining: true,
});
