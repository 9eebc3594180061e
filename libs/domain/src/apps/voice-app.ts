import type { VoiceAppId, WebhookSecretId } from '@ringfence/kernel/ids';
import type { Map as ImmutableMap } from 'immutable';
import type { Mode } from '../shared/values.js';
import type { AppEvent, VoiceAppSettings } from './voice-app.events.js';

/** The most apps that an account may have in one mode. */
export const voiceAppsMax = 1_000;
/** The highest limit on the calls of one app. */
export const channelLimitMax = 100_000;

export type VoiceApp = { readonly appId: VoiceAppId; readonly mode: Mode; readonly settings: VoiceAppSettings };
/** The apps of one account, of both modes. */
export type VoiceApps = ImmutableMap<VoiceAppId, VoiceApp>;

export function evolveApps(apps: VoiceApps, event: AppEvent): VoiceApps {
  const { appId, mode } = event;
  switch (event.type) {
    case 'VoiceAppCreated':
    case 'VoiceAppChanged':
      return apps.set(appId, { appId, mode, settings: event.settings });
    case 'VoiceAppDeleted':
      return apps.delete(appId);
  }
}

/** An app whose webhooks are signed with the secret; undefined: there is none. */
export function appUsing(apps: VoiceApps, secretId: WebhookSecretId): VoiceApp | undefined {
  return apps.find(({ settings }) => settings.secretId === secretId);
}
