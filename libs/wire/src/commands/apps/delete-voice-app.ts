import type { PublicCommand } from '../public-command.js';
import { appNamed, ofApp } from './app-fields.js';

export const deleteVoiceApp = {
  name: 'delete_voice_app',
  commandType: 'DeleteVoiceApp',
  fields: appNamed,
  example: {},
  answersSecret: false,
  route: { method: 'DELETE', path: '/voice/apps/:voice_app_id' },
  result: ofApp,
} as const satisfies PublicCommand;
