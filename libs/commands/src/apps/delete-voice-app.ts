import { defineCommand } from '../command-definition.js';
import { voiceAppIds } from '../wire-fields.js';

export const deleteVoiceApp = defineCommand<'DeleteVoiceApp'>({
  name: 'delete_voice_app',
  version: 1,
  fields: voiceAppIds,
  allowedWhileDraining: false,
});
