import { flag, id } from '@ringfence/event-catalog/shape';
import { defineCommand } from '../command-definition.js';
import { callFields } from '../wire-fields.js';

export const muteLeg = defineCommand<'MuteLeg'>({
  name: 'mute_leg',
  version: 1,
  fields: { ...callFields, legId: id('cl'), muted: flag },
  allowedWhileDraining: false,
});
