import type { VoiceAppSettings } from '@ringfence/domain/apps/voice-app.events';
import { voiceAppFields } from '@ringfence/event-catalog/apps';
import { id, listOf, objectOf } from '@ringfence/event-catalog/shape';
import { defineCommand } from '../command-definition.js';
import { voiceAppIds } from '../wire-fields.js';

export const createVoiceApp = defineCommand<'CreateVoiceApp'>({
  name: 'create_voice_app',
  version: 1,
  fields: { ...voiceAppIds, settings: objectOf<VoiceAppSettings>(voiceAppFields), numberIds: listOf(id('vn')) },
  allowedWhileDraining: false,
});
