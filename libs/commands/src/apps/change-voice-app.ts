import type { VoiceAppSettings } from '@ringfence/domain/apps/voice-app.events';
import { voiceAppFields } from '@ringfence/event-catalog/apps';
import { objectOf } from '@ringfence/event-catalog/shape';
import { defineCommandAs } from '../command-definition.js';
import type { CommandPayloadOf } from '../command-dispatcher.js';
import { becomes, changeFromWire, to, type WireChange } from '../wire-change.js';
import { voiceAppIds } from '../wire-fields.js';

type WireSettingsChange = WireChange<VoiceAppSettings>;
type Wire = Omit<CommandPayloadOf<'ChangeVoiceApp'>, 'change'> & { readonly change: WireSettingsChange };

export const changeVoiceApp = defineCommandAs<'ChangeVoiceApp', Wire>(
  {
    name: 'change_voice_app',
    version: 1,
    fields: {
      ...voiceAppIds,
      change: objectOf<WireSettingsChange>({
        name: becomes(voiceAppFields.name),
        flowUrl: becomes(voiceAppFields.flowUrl),
        webhookUrl: becomes(voiceAppFields.webhookUrl),
        fallbackUrl: becomes(voiceAppFields.fallbackUrl),
        status: becomes(voiceAppFields.status),
        channelLimit: becomes(voiceAppFields.channelLimit),
        secretId: becomes(voiceAppFields.secretId),
        webhookApiVersion: becomes(voiceAppFields.webhookApiVersion),
        answeringKeyId: becomes(voiceAppFields.answeringKeyId),
      }),
    },
    allowedWhileDraining: false,
  },
  {
    toWire: ({ change, ...rest }) => ({
      ...rest,
      change: {
        name: to(change.name),
        flowUrl: to(change.flowUrl),
        webhookUrl: to(change.webhookUrl),
        fallbackUrl: to(change.fallbackUrl),
        status: to(change.status),
        channelLimit: to(change.channelLimit),
        secretId: to(change.secretId),
        webhookApiVersion: to(change.webhookApiVersion),
        answeringKeyId: to(change.answeringKeyId),
      },
    }),
    sealed: () => [],
    isConsistent: () => true,
    fromWire: (wire) => ({ ...wire, change: changeFromWire(wire.change) }),
  },
);
