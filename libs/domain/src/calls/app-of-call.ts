import type { VoiceApp } from '../apps/voice-app.js';
import type { Mode } from '../shared/values.js';
import type { PlaceCall } from './call.commands.js';
import { type PlacingRefused, refuseWith } from './limit-refusals.js';
import type { PlacingView } from './placing-view.js';

/**
 * The app under which a call runs: that of the number that it is placed from, if the account has this number and it is
 * assigned to an app of the call's mode. null: none, and the call runs by what its command says alone.
 */
export function appOfCall(
  { from }: PlaceCall,
  mode: Mode,
  { numbers, numbersBySubject, voiceApps }: PlacingView,
): VoiceApp | null {
  const numberId = numbersBySubject.get(from.sealed.subjectId);
  const assignedTo = (numberId === undefined ? undefined : numbers.get(numberId))?.assignedTo;
  const app = assignedTo?.kind === 'voice_app' ? voiceApps.get(assignedTo.appId) : undefined;
  return app?.mode === mode ? app : null;
}

/** Refuses a call under an app that takes none. */
export function appFault(app: VoiceApp | null): PlacingRefused | undefined {
  if (app?.settings.status !== 'inactive') return undefined;
  return refuseWith('voice_app_inactive', `App ${app.appId} of the number is inactive.`);
}

/** Refuses a call beyond those that its app may have at a time. When one of them will end is unknown. */
export function channelsFault(
  app: VoiceApp | null,
  { appCalls }: Pick<PlacingView, 'appCalls'>,
): PlacingRefused | undefined {
  const max = app?.settings.channelLimit ?? null;
  if (app === null || max === null) return undefined;
  const used = appCalls.get(app.appId) ?? 0;
  if (used < max) return undefined;
  const detail = `App ${app.appId} of the number has as many calls as its channel_limit permits.`;
  // A limit that was lowered below the calls that go on is used up all the same.
  const limit = { name: 'app_channels', max: String(max), used: String(used) };
  return refuseWith('app_channels_exhausted', detail, { retryAfterMs: 1_000, limit });
}
