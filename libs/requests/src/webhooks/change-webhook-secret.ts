import { durationMs } from '@ringfence/kernel/units';
import { secretOverlapSecondsDefault } from '@ringfence/wire/commands/webhooks/change-webhook-secret';
import { accountOfStream, InvalidField, type RequestBuilder } from '../command-request.js';
import { newSecretValue, secretIdIn } from './webhook-secret-value.js';

/** @throws InvalidField: nothing is to be changed, or there is an overlap and no rotation */
export const requestChangeWebhookSecret: RequestBuilder<'change_webhook_secret', 'vault'> = async (
  body,
  { stream },
  { vault },
) => {
  const accountId = accountOfStream(stream);
  const secretId = secretIdIn(body.secret_id);
  const { name = null, overlap_seconds: overlap = null } = body;
  const rotates = body.rotate ?? false;
  if (name === null && !rotates) throw new InvalidField(['name'], 'required', 'is needed, or `rotate`: true');
  if (overlap !== null && !rotates)
    throw new InvalidField(['overlap_seconds'], 'needs_rotate', 'has no effect without `rotate`');
  const overlapSeconds = overlap ?? secretOverlapSecondsDefault;
  const made = rotates ? await newSecretValue(vault, accountId) : null;
  return {
    stream,
    payload: {
      type: 'ChangeWebhookSecret',
      accountId,
      secretId,
      name: name === null ? null : await vault.seal(accountId, name),
      rotation: made === null ? null : { value: made.value, overlapMs: durationMs(overlapSeconds * 1_000) },
    },
    fields: { secret_id: secretId, name, rotate: rotates, overlap_seconds: rotates ? overlapSeconds : null },
    result: { secret_id: secretId },
    secret: made?.secret ?? null,
  };
};
