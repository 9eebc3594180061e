import {
  type AppEvent,
  type VoiceAppSettings,
  voiceAppStatuses,
  webhookApiVersions,
} from '@ringfence/domain/apps/voice-app.events';
import { modes } from '@ringfence/domain/shared/values';
import { about, type ContextCatalogue, type EventFacts } from './context-catalogue.js';
import { count, type FieldsOf, id, listOf, moment, nullable, objectOf, oneOf, sealedText } from './shape.js';

/** The settings of an app, one by one. */
export const voiceAppFields: FieldsOf<VoiceAppSettings> = {
  name: sealedText,
  flowUrl: sealedText,
  webhookUrl: sealedText,
  fallbackUrl: nullable(sealedText),
  status: oneOf(voiceAppStatuses),
  channelLimit: nullable(count),
  secretId: nullable(id('sec')),
  webhookApiVersion: oneOf(webhookApiVersions),
  answeringKeyId: nullable(id('key')),
};
const ofApp = { appId: id('va'), mode: oneOf(modes) };
const settings = objectOf(voiceAppFields);

export const appCatalogue: ContextCatalogue<AppEvent> = {
  VoiceAppCreated: {
    name: 'app.created',
    version: 1,
    fields: { ...ofApp, settings, numberIds: listOf(id('vn')), createdAtMs: moment },
    facts: aboutApp,
  },
  VoiceAppChanged: {
    name: 'app.changed',
    version: 1,
    fields: { ...ofApp, settings, changedAtMs: moment },
    facts: aboutApp,
  },
  VoiceAppDeleted: {
    name: 'app.deleted',
    version: 1,
    fields: { ...ofApp, deletedAtMs: moment },
    facts: aboutApp,
  },
};

function aboutApp({ appId, mode }: Pick<AppEvent, 'appId' | 'mode'>): EventFacts {
  return about(appId, mode);
}
