import { voiceAppStatuses, webhookApiVersions } from '@ringfence/domain/apps/voice-app.events';
import { modes } from '@ringfence/domain/shared/values';
import {
  id,
  idOrNull,
  listOf,
  type NamedSchemas,
  object,
  oneOf,
  page,
  ref,
  textOrNull,
  whole,
  wholeOrNull,
} from '../edge/json-schema.js';
import { erasableAppFields } from './voice-app-body.js';

const app = {
  id: id('va'),
  account_id: id('acc'),
  mode: oneOf(modes),
  name: textOrNull,
  flow_url: textOrNull,
  webhook_url: textOrNull,
  fallback_url: textOrNull,
  status: oneOf(voiceAppStatuses),
  channel_limit: { ...wholeOrNull, description: 'null: as many calls as key and account permit.' },
  vn_count: { ...whole, description: 'The numbers that are assigned to it.' },
  secret_id: { ...idOrNull('sec'), description: 'The secret of its webhooks; null: none.' },
  secret_name: textOrNull,
  webhook_api_version: oneOf(webhookApiVersions),
  answering_key_id: { ...idOrNull('key'), description: 'The key that answers for calls to its numbers; null: none.' },
  code: { ...textOrNull, description: 'Always null: a field of the Teler API without a meaning here.' },
  erased: listOf(oneOf(erasableAppFields)),
};

export const appSchemas: NamedSchemas = {
  VoiceApp: object(app, '`erased` names the fields that read null because they were erased.'),
  VoiceAppWithWarnings: object({ ...app, warnings: listOf(ref('Warning')) }),
  VoiceAppList: page(ref('VoiceApp')),
};
