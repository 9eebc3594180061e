import { Map as ImmutableMap } from 'immutable';
import type { AppEvent } from '../../apps/voice-app.events.js';
import { evolveApps, type VoiceApps } from '../../apps/voice-app.js';
import type { Stored } from './slice.js';

export type AppsShare = { readonly voiceApps: VoiceApps };

export const initial: AppsShare = { voiceApps: ImmutableMap() };

export function appChanged({ voiceApps }: AppsShare, event: AppEvent): AppsShare {
  return { voiceApps: evolveApps(voiceApps, event) };
}

export function restored({ voice_apps: apps }: Pick<Stored, 'voice_apps'>): AppsShare {
  return { voiceApps: ImmutableMap(apps.map((app) => [app.appId, app])) };
}
