import { optional } from '../command-field.js';
import { listedNumbers } from '../numbers/selection-fields.js';
import type { PublicCommand } from '../public-command.js';
import {
  appUrls,
  newAppFields,
  ofAppWithWarnings,
  optionalAppFields,
  webhookApiVersion,
  webhookApiVersionDefault,
  webhookApiVersionSays,
} from './app-fields.js';

export const createVoiceApp = {
  name: 'create_voice_app',
  commandType: 'CreateVoiceApp',
  fields: {
    ...newAppFields,
    ...optionalAppFields,
    webhook_api_version: optional(webhookApiVersion, webhookApiVersionSays, { default: webhookApiVersionDefault }),
    vn_ids: optional(listedNumbers, 'Virtual numbers that are assigned to it, whatever they were assigned to before.'),
  },
  example: { name: 'Front desk', ...appUrls },
  answersSecret: false,
  route: { method: 'POST', path: '/voice/apps' },
  result: ofAppWithWarnings,
} as const satisfies PublicCommand;
