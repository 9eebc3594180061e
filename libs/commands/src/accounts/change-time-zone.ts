import { flag, text } from '@ringfence/event-catalog/shape';
import { defineCommand } from '../command-definition.js';
import { accountFields } from '../wire-fields.js';

export const changeTimeZone = defineCommand<'ChangeTimeZone'>({
  name: 'change_time_zone',
  version: 1,
  fields: { ...accountFields, timeZone: text('timeZone'), zoneDisputed: flag },
  allowedWhileDraining: false,
});
