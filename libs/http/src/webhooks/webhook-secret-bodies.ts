import { addDuration, durationMs, type EpochMs } from '@ringfence/kernel/units';
import type { AccountId, SipTrunkId, VoiceAppId, WebhookSecretId } from '@ringfence/kernel/ids';
import type { Mode } from '@ringfence/domain/shared/values';
import { momentText } from '../edge/reading.js';

/** Time after which a value should be replaced. */
const rotationDueAfterMs = durationMs(365 * 24 * 3_600_000);

/** A secret as answers show it; its name in clear, null: it was erased. */
type ShownSecret = {
  readonly secretId: WebhookSecretId;
  readonly accountId: AccountId;
  readonly mode: Mode;
  readonly name: string | null;
  readonly createdAtMs: EpochMs;
  readonly rotatedAtMs: EpochMs | null;
  readonly overlapUntilMs: EpochMs | null;
};
type Use<Id> = { readonly id: Id; readonly name: string | null };
/** The users of a secret; a name, null: it was erased. */
export type UsesOfSecret = {
  readonly apps: readonly Use<VoiceAppId>[];
  readonly trunks: readonly Use<SipTrunkId>[];
};
export const noUses: UsesOfSecret = { apps: [], trunks: [] };

/** A secret in Teler's fields, without its value. */
export function secretBody(secret: ShownSecret, { apps, trunks }: UsesOfSecret, nowMs: EpochMs): object {
  const { createdAtMs, rotatedAtMs, name } = secret;
  return {
    id: secret.secretId,
    account_id: secret.accountId,
    mode: secret.mode,
    name,
    created_at: momentText(createdAtMs),
    rotated_at: momentText(rotatedAtMs),
    overlap_until: momentText(secret.overlapUntilMs),
    needs_rotation: nowMs > addDuration(rotatedAtMs ?? createdAtMs, rotationDueAfterMs),
    sip_trunks: trunks,
    voice_apps: apps,
    erased: name === null ? ['name'] : [],
  };
}

/** The value in an answer: shown once. @param shown null: this answer makes no new value, or is a repeated one */
export function valueBody(shown: string | null, isRepeated: boolean): object {
  return { secret_value: isRepeated ? null : shown, secret_already_shown: isRepeated };
}
