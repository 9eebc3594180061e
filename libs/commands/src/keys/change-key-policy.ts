import type { CommandPayloadOf } from '../command-dispatcher.js';
import { defineCommandAs } from '../command-definition.js';
import { keyFields } from '../wire-fields.js';
import { changeBeforeCaps } from './wire-policy.js';
import {
  policyChangeCodec,
  policyChangeFromWire,
  policyChangeToWire,
  type WirePolicyChange,
  withEveryField,
  withoutCapsNamed,
} from './wire-policy-change.js';

type WireChange = Omit<CommandPayloadOf<'ChangeKeyPolicy'>, 'change'> & { readonly change: WirePolicyChange };

export const changeKeyPolicy = defineCommandAs<'ChangeKeyPolicy', WireChange>(
  {
    name: 'change_key_policy',
    version: 3,
    fields: { ...keyFields, change: policyChangeCodec },
    upcasters: [withEveryField, withoutCapsNamed],
    downcaster: changeBeforeCaps,
    allowedWhileDraining: false,
  },
  {
    toWire: (payload) => ({ ...payload, change: policyChangeToWire(payload.change) }),
    sealed: () => [],
    isConsistent: () => true,
    fromWire: (wire) => ({ ...wire, change: policyChangeFromWire(wire.change) }),
  },
);
