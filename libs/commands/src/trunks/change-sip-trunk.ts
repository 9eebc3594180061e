import type { SipTrunkSettings } from '@ringfence/domain/trunks/sip-trunk.events';
import { objectOf } from '@ringfence/event-catalog/shape';
import { sipTrunkFields } from '@ringfence/event-catalog/trunks';
import { defineCommandAs } from '../command-definition.js';
import type { CommandPayloadOf } from '../command-dispatcher.js';
import { becomes, changeFromWire, to, type WireChange } from '../wire-change.js';
import { sipTrunkIds } from '../wire-fields.js';

type WireSettingsChange = WireChange<SipTrunkSettings>;
type Wire = Omit<CommandPayloadOf<'ChangeSipTrunk'>, 'change'> & { readonly change: WireSettingsChange };

export const changeSipTrunk = defineCommandAs<'ChangeSipTrunk', Wire>(
  {
    name: 'change_sip_trunk',
    version: 1,
    fields: {
      ...sipTrunkIds,
      change: objectOf<WireSettingsChange>({
        name: becomes(sipTrunkFields.name),
        authentication: becomes(sipTrunkFields.authentication),
        transport: becomes(sipTrunkFields.transport),
        isActive: becomes(sipTrunkFields.isActive),
        channelLimit: becomes(sipTrunkFields.channelLimit),
        cpsLimit: becomes(sipTrunkFields.cpsLimit),
        recordingEnabled: becomes(sipTrunkFields.recordingEnabled),
        inboundRoute: becomes(sipTrunkFields.inboundRoute),
        webhookUrl: becomes(sipTrunkFields.webhookUrl),
        webhookApiVersion: becomes(sipTrunkFields.webhookApiVersion),
        secretId: becomes(sipTrunkFields.secretId),
      }),
    },
    allowedWhileDraining: false,
  },
  {
    toWire: ({ change, ...rest }) => ({
      ...rest,
      change: {
        name: to(change.name),
        authentication: to(change.authentication),
        transport: to(change.transport),
        isActive: to(change.isActive),
        channelLimit: to(change.channelLimit),
        cpsLimit: to(change.cpsLimit),
        recordingEnabled: to(change.recordingEnabled),
        inboundRoute: to(change.inboundRoute),
        webhookUrl: to(change.webhookUrl),
        webhookApiVersion: to(change.webhookApiVersion),
        secretId: to(change.secretId),
      },
    }),
    sealed: () => [],
    isConsistent: () => true,
    fromWire: (wire) => ({ ...wire, change: changeFromWire(wire.change) }),
  },
);
