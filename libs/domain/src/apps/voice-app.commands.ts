import type { AccountId, NumberId, VoiceAppId } from '@ringfence/kernel/ids';
import type { AuthorityOver, Authorization } from '../shared/authorization.js';
import type { CommandMetadata } from '../shared/values.js';
import type { VoiceAppSettings } from './voice-app.events.js';

type OfApp = CommandMetadata & { readonly accountId: AccountId; readonly appId: VoiceAppId };

/** Creates an app in the mode of the key that issues the command. */
export type CreateVoiceApp = OfApp & {
  readonly type: 'CreateVoiceApp';
  readonly settings: VoiceAppSettings;
  /** Numbers of the account that are assigned to it at once. */
  readonly numberIds: readonly NumberId[];
};
/** The settings to change; an omitted one keeps the value that it has when the change is decided. */
export type ChangeVoiceApp = OfApp & { readonly type: 'ChangeVoiceApp'; readonly change: Partial<VoiceAppSettings> };
export type DeleteVoiceApp = OfApp & { readonly type: 'DeleteVoiceApp' };

export type AppCommand = CreateVoiceApp | ChangeVoiceApp | DeleteVoiceApp;

/** An account configures its own apps; an operator has no part in them. */
const appsWrite: Authorization = { scope: 'apps:write', account: 'own', platform: false };

export const appAuthority: AuthorityOver<AppCommand> = {
  CreateVoiceApp: appsWrite,
  ChangeVoiceApp: appsWrite,
  DeleteVoiceApp: appsWrite,
};
