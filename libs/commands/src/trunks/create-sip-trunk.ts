import type { SipTrunkSettings } from '@ringfence/domain/trunks/sip-trunk.events';
import { objectOf } from '@ringfence/event-catalog/shape';
import { sipTrunkFields } from '@ringfence/event-catalog/trunks';
import { defineCommand } from '../command-definition.js';
import { sipTrunkIds } from '../wire-fields.js';

export const createSipTrunk = defineCommand<'CreateSipTrunk'>({
  name: 'create_sip_trunk',
  version: 1,
  fields: { ...sipTrunkIds, settings: objectOf<SipTrunkSettings>(sipTrunkFields) },
  allowedWhileDraining: false,
});
