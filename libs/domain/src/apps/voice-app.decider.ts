import { accept, type Decision, refuse } from '@ringfence/kernel/decider';
import type { KeyId, NumberId, VoiceAppId, WebhookSecretId } from '@ringfence/kernel/ids';
import type { Refusal } from '../refusals.js';
import type { Mode } from '../shared/values.js';
import type { ChangeVoiceApp, CreateVoiceApp, DeleteVoiceApp } from './voice-app.commands.js';
import type { AppEvent, VoiceAppSettings } from './voice-app.events.js';
import { type VoiceApps, voiceAppsMax } from './voice-app.js';

type AppDecision = Decision<AppEvent, Refusal>;

/** The mode of a secret of the account; undefined: it has none with this id. */
type SecretMode = (secretId: WebhookSecretId) => Mode | undefined;
/** Returns why a key cannot answer for an app of this mode; undefined: it can. */
type AnsweringFault = (keyId: KeyId, mode: Mode) => string | undefined;

/** The account's secrets and numbers, to which apps refer. */
export type AppSurroundings = {
  readonly secretMode: SecretMode;
  readonly answeringFault: AnsweringFault;
  /** Returns one of these numbers that the account does not have in this mode; undefined: it has all of them. */
  readonly missingNumber: (numberIds: readonly NumberId[], mode: Mode) => NumberId | undefined;
};

/** @param mode of the key that issues the command */
export function createApp(
  { appId, settings, numberIds, nowMs }: CreateVoiceApp,
  mode: Mode,
  apps: VoiceApps,
  around: AppSurroundings,
): AppDecision {
  if (apps.has(appId)) return refuse({ code: 'voice_app_already_created', detail: `App ${appId} exists.` });
  if (apps.count((each) => each.mode === mode) >= voiceAppsMax)
    return refuse({
      code: 'voice_apps_exhausted',
      detail: `An account has at most ${voiceAppsMax} ${mode} apps: delete one that is no longer used.`,
    });
  const fault = settingsFault(settings, settings, mode, around);
  if (fault !== undefined) return refuse(fault);
  const missing = around.missingNumber(numberIds, mode);
  if (missing !== undefined)
    return refuse({
      code: 'app_number_unknown',
      detail: `There is no ${mode} number ${missing} to assign to the app.`,
    });
  return accept<AppEvent>({ type: 'VoiceAppCreated', appId, mode, settings, numberIds, createdAtMs: nowMs });
}

export function changeApp(
  { appId, change, nowMs }: ChangeVoiceApp,
  apps: VoiceApps,
  around: Pick<AppSurroundings, 'secretMode' | 'answeringFault'>,
): AppDecision {
  const app = apps.get(appId);
  if (app === undefined) return refuse(unknownApp(appId));
  if (Object.keys(change).length === 0)
    return refuse({ code: 'nothing_to_change', detail: 'At least one setting of the app is needed.' });
  const { mode } = app;
  const settings = { ...app.settings, ...change };
  const fault = settingsFault(settings, change, mode, around);
  if (fault !== undefined) return refuse(fault);
  return accept<AppEvent>({ type: 'VoiceAppChanged', appId, mode, settings, changedAtMs: nowMs });
}

export function deleteApp({ appId, nowMs }: DeleteVoiceApp, apps: VoiceApps): AppDecision {
  const app = apps.get(appId);
  if (app === undefined) return refuse(unknownApp(appId));
  return accept<AppEvent>({ type: 'VoiceAppDeleted', appId, mode: app.mode, deletedAtMs: nowMs });
}

export function unknownApp(appId: VoiceAppId): Refusal {
  return { code: 'voice_app_unknown', detail: `There is no app ${appId}.` };
}

/** @param set the settings that the command names: a key that has ended since it was named hinders no other change */
function settingsFault(
  settings: VoiceAppSettings,
  { answeringKeyId = null }: Partial<VoiceAppSettings>,
  mode: Mode,
  { secretMode, answeringFault }: Pick<AppSurroundings, 'secretMode' | 'answeringFault'>,
): Refusal | undefined {
  const detail = answeringKeyId === null ? undefined : answeringFault(answeringKeyId, mode);
  return detail === undefined
    ? secretFault(settings, mode, secretMode)
    : { code: 'answering_key_unusable', detail: `answering_key_id: ${detail}` };
}

function secretFault({ secretId }: VoiceAppSettings, mode: Mode, secretMode: SecretMode): Refusal | undefined {
  if (secretId === null || secretMode(secretId) === mode) return undefined;
  return { code: 'app_secret_unknown', detail: `There is no ${mode} secret ${secretId} to sign the webhooks with.` };
}
