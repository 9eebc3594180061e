import { flag, sealedText, text } from '@ringfence/event-catalog/shape';
import { defineCommand } from '../command-definition.js';
import { accountFields } from '../wire-fields.js';

export const openAccount = defineCommand<'OpenAccount'>({
  name: 'open_account',
  version: 2,
  fields: {
    ...accountFields,
    name: sealedText,
    currency: text('currency'),
    region: text('label'),
    timeZone: text('timeZone'),
    zoneDisputed: flag,
  },
  // Version 1 predates the comparison of zones with the database.
  upcasters: [(data) => ({ ...data, zoneDisputed: false })],
  downcaster: ({ zoneDisputed, ...before }) => (zoneDisputed === false ? before : undefined),
  allowedWhileDraining: false,
});
