import { idPattern, textList } from '../../field-rule.js';
import { optional } from '../command-field.js';
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

const numbersMax = 100;

export const createVoiceApp = {
  name: 'create_voice_app',
  commandType: 'CreateVoiceApp',
  fields: {
    ...newAppFields,
    ...optionalAppFields,
    webhook_api_version: optional(webhookApiVersion, webhookApiVersionSays, { default: webhookApiVersionDefault }),
    vn_ids: optional(
      textList(idPattern('vn'), numbersMax, 'an id that begins with vn_'),
      'Virtual numbers that ring it. There are none in this release: a list that is not empty is refused.',
    ),
  },
  example: { name: 'Front desk', ...appUrls },
  answersSecret: false,
  route: { method: 'POST', path: '/voice/apps' },
  result: ofAppWithWarnings,
} as const satisfies PublicCommand;
