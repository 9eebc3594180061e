import type { IpListSettings } from '@ringfence/domain/trunks/ip-list.events';
import { objectOf } from '@ringfence/event-catalog/shape';
import { ipListFields } from '@ringfence/event-catalog/trunks';
import { defineCommandAs } from '../command-definition.js';
import type { CommandPayloadOf } from '../command-dispatcher.js';
import { becomes, changeFromWire, to, type WireChange } from '../wire-change.js';
import { ipListIds } from '../wire-fields.js';

type WireSettingsChange = WireChange<IpListSettings>;
type Wire = Omit<CommandPayloadOf<'ChangeIpList'>, 'change'> & { readonly change: WireSettingsChange };

export const changeIpList = defineCommandAs<'ChangeIpList', Wire>(
  {
    name: 'change_ip_list',
    version: 1,
    fields: {
      ...ipListIds,
      change: objectOf<WireSettingsChange>({
        name: becomes(ipListFields.name),
        addresses: becomes(ipListFields.addresses),
      }),
    },
    allowedWhileDraining: false,
  },
  {
    toWire: ({ change, ...rest }) => ({
      ...rest,
      change: { name: to(change.name), addresses: to(change.addresses) },
    }),
    sealed: () => [],
    isConsistent: () => true,
    fromWire: (wire) => ({ ...wire, change: changeFromWire(wire.change) }),
  },
);
