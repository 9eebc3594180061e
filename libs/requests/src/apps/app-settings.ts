import type { VoiceAppSettings } from '@ringfence/domain/apps/voice-app.events';
import type { SealedText } from '@ringfence/domain/shared/values';
import { type AccountId, parseVoiceAppId, type VoiceAppId } from '@ringfence/kernel/ids';
import { invariant } from '@ringfence/kernel/invariant';
import type { SubjectVault } from '@ringfence/ports/vault/subject-vault';
import type { CommandBody } from '@ringfence/wire/public-commands';
import { keyIdIn } from '../keys/key-context.js';
import { secretIdIn } from '../webhooks/webhook-secret-value.js';

export function appIdIn(text: string): VoiceAppId {
  const appId = parseVoiceAppId(text);
  invariant(appId !== undefined, 'the fields of the body were checked');
  return appId;
}

/**
 * Builds a change of an app's settings from the fields that the client sent. Omitted ones are left out: only the lane
 * knows their values. Null removes what an app may be without; otherwise it means the same as an omission.
 * @throws Failure `vault_unavailable` (retryable)
 */
export async function settingsChange(
  body: Omit<CommandBody<'change_voice_app'>, 'voice_app_id'>,
  vault: SubjectVault,
  accountId: AccountId,
): Promise<Partial<VoiceAppSettings>> {
  const sealed = (text: string | null | undefined): Promise<SealedText> | undefined =>
    typeof text === 'string' ? vault.seal(accountId, text) : undefined;
  const { fallback_url: fallback, channel_limit: channelLimit, secret_id: secretId } = body;
  const { answering_key_id: answeringKeyId } = body;
  const [name, flowUrl, webhookUrl, fallbackUrl] = await Promise.all([
    sealed(body.name),
    sealed(body.flow_url),
    sealed(body.webhook_url),
    fallback === null ? null : sealed(fallback),
  ]);
  return definedOf({
    name,
    flowUrl,
    webhookUrl,
    fallbackUrl,
    status: body.status ?? undefined,
    channelLimit,
    secretId: typeof secretId === 'string' ? secretIdIn(secretId) : secretId,
    webhookApiVersion: body.webhook_api_version ?? undefined,
    answeringKeyId: typeof answeringKeyId === 'string' ? keyIdIn(answeringKeyId) : answeringKeyId,
  });
}

/** Drops undefined members, which would override others when spread. */
function definedOf(fields: {
  readonly [Name in keyof VoiceAppSettings]: VoiceAppSettings[Name] | undefined;
}): Partial<VoiceAppSettings> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
