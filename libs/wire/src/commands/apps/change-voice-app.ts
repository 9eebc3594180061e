import { optional } from '../command-field.js';
import type { PublicCommand } from '../public-command.js';
import {
  appNamed,
  changedAppFields,
  ofAppWithWarnings,
  optionalAppFields,
  webhookApiVersion,
  webhookApiVersionSays,
} from './app-fields.js';

/** Definition of the command; fields that are left out stay as they are. */
export const changeVoiceApp = {
  name: 'change_voice_app',
  commandType: 'ChangeVoiceApp',
  fields: {
    ...appNamed,
    ...changedAppFields,
    ...optionalAppFields,
    webhook_api_version: optional(webhookApiVersion, webhookApiVersionSays),
  },
  example: { status: 'inactive', fallback_url: null },
  answersSecret: false,
  route: { method: 'PATCH', path: '/voice/apps/:voice_app_id' },
  result: ofAppWithWarnings,
} as const satisfies PublicCommand;
