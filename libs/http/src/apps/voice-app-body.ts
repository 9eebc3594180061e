import type { VoiceAppSettings } from '@ringfence/domain/apps/voice-app.events';
import type { Mode } from '@ringfence/domain/shared/values';
import type { AccountId, VoiceAppId } from '@ringfence/kernel/ids';
import type { Opened } from '../edge/reading.js';

export const appPersonalValues = ['name', 'flowUrl', 'webhookUrl', 'fallbackUrl'] as const;
type OpenedSettings = Opened<(typeof appPersonalValues)[number]>;
/** The personal values of an app by the names of their fields. */
const fieldNames = {
  name: 'name',
  flowUrl: 'flow_url',
  webhookUrl: 'webhook_url',
  fallbackUrl: 'fallback_url',
} as const;
export const erasableAppFields = Object.values(fieldNames);

/** An app as answers show it: its settings, as a row or an event has them. */
export type ShownApp = VoiceAppSettings & {
  readonly appId: VoiceAppId;
  readonly accountId: AccountId;
  readonly mode: Mode;
};

/** An app in Teler's fields. An erased value is null, and `erased` names its field. */
export function appBody(
  app: ShownApp,
  opened: OpenedSettings | undefined,
  { secretName, numberCount }: { readonly secretName: string | null; readonly numberCount: number },
): object {
  const { values, erased } = opened ?? { values: undefined, erased: [] };
  return {
    id: app.appId,
    account_id: app.accountId,
    mode: app.mode,
    name: values?.name ?? null,
    flow_url: values?.flowUrl ?? null,
    webhook_url: values?.webhookUrl ?? null,
    fallback_url: values?.fallbackUrl ?? null,
    status: app.status,
    channel_limit: app.channelLimit,
    vn_count: numberCount,
    secret_id: app.secretId,
    secret_name: secretName,
    webhook_api_version: app.webhookApiVersion,
    answering_key_id: app.answeringKeyId,
    code: null, // Teler's field, which its clients read and do not explain
    erased: erased.map((name) => fieldNames[name]),
  };
}
