import { voiceAppStatuses, webhookApiVersions } from '@ringfence/domain/apps/voice-app.events';
import { channelLimitMax } from '@ringfence/domain/apps/voice-app';
import { choice, endpointUrl, idText, singleLine, wholeNumber } from '../../field-rule.js';
import { optional, personal, required } from '../command-field.js';
import { type PlainResult, textIn, warningsIn, type WithWarnings } from '../command-result.js';
import { nameCharactersMax } from '../shared-rules.js';

/** The app that a command is about. */
export const appNamed = { voice_app_id: required(idText('va'), 'The voice app.') };

const called = 'Nothing is requested in this release: the address is kept, encrypted.';
const name = singleLine(nameCharactersMax);
const nameSays = 'What people call it.';
const flowUrlSays = `Where the platform will ask what to do with a call. ${called}`;
const webhookUrlSays = `Where the platform will report what becomes of calls. ${called}`;
export const appUrls = {
  flow_url: 'https://example.com/flow',
  webhook_url: 'https://example.com/webhooks',
} as const;
const ofFlow = { example: appUrls.flow_url };
const ofWebhooks = { example: appUrls.webhook_url };

export const webhookApiVersionDefault = '2026-06-01';

/** The settings that a new app needs. */
export const newAppFields = {
  name: personal(required(name, nameSays, { example: 'Front desk' })),
  flow_url: personal(required(endpointUrl, flowUrlSays, ofFlow)),
  webhook_url: personal(required(endpointUrl, webhookUrlSays, ofWebhooks)),
};
/** The same settings in a change; null: as they are. */
export const changedAppFields = {
  name: personal(optional(name, nameSays)),
  flow_url: personal(optional(endpointUrl, flowUrlSays)),
  webhook_url: personal(optional(endpointUrl, webhookUrlSays)),
  status: optional(choice(voiceAppStatuses), 'No call is placed from the numbers of an inactive app.'),
};
/** Settings that an app may have or not; null: it has none. */
export const optionalAppFields = {
  fallback_url: personal(optional(endpointUrl, `Where it will ask when flow_url fails. ${called} null: nowhere.`)),
  channel_limit: optional(
    wholeNumber(1, channelLimitMax),
    'How many calls may run under it at the same time. null: as many as key and account permit.',
  ),
  secret_id: optional(
    idText('sec'),
    'The webhook secret that its webhooks will be signed with, of the same mode. null: none.',
  ),
  answering_key_id: optional(
    idText('key'),
    'The key that answers for calls to its numbers: of the same mode, with the scope calls:receive. Its policy and limits are those of the calls, and they end with it. null: such calls are rejected.',
  ),
};
export const webhookApiVersion = choice(webhookApiVersions);
export const webhookApiVersionSays = 'The form of its webhooks.';

type OfApp = { readonly appId: string } & WithWarnings;
export function ofApp({ ids }: PlainResult): { readonly appId: string } {
  return { appId: textIn(ids, 'voice_app_id') };
}
export function ofAppWithWarnings(result: PlainResult): OfApp {
  return { ...ofApp(result), warnings: warningsIn(result.ids) };
}
