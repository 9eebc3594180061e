import type { KeyId, NumberId, VoiceAppId, WebhookSecretId } from '@ringfence/kernel/ids';
import type { EpochMs } from '@ringfence/kernel/units';
import type { Mode, SealedText } from '../shared/values.js';

export const voiceAppStatuses = ['active', 'inactive'] as const;
export type VoiceAppStatus = (typeof voiceAppStatuses)[number];

/** The versions of the form of webhooks, oldest first. */
export const webhookApiVersions = ['2025-08-01', '2026-06-01'] as const;
export type WebhookApiVersion = (typeof webhookApiVersions)[number];

/** The settings of an app, as its account made them. URLs are http or https, without credentials and fragment. */
export type VoiceAppSettings = {
  readonly name: SealedText;
  /** The address that is asked what to do with a call. */
  readonly flowUrl: SealedText;
  readonly webhookUrl: SealedText;
  /** The address that is asked when `flowUrl` fails; null: the call ends. */
  readonly fallbackUrl: SealedText | null;
  readonly status: VoiceAppStatus;
  /** The most calls at the same time; null: as many as key and account permit. */
  readonly channelLimit: number | null;
  /** The secret with which its webhooks are signed, of the same mode; null: they are not signed. */
  readonly secretId: WebhookSecretId | null;
  readonly webhookApiVersion: WebhookApiVersion;
  /**
   * The key, of the same mode, under whose authority and limits calls to its numbers are answered; null: none, and they
   * are rejected.
   */
  readonly answeringKeyId: KeyId | null;
};

/** An app belongs to the mode of the key that created it, for ever. */
type OfApp = { readonly appId: VoiceAppId; readonly mode: Mode };

export type VoiceAppCreated = OfApp & {
  readonly type: 'VoiceAppCreated';
  readonly settings: VoiceAppSettings;
  /** The numbers that are assigned to it from now on, whatever they were assigned to before. */
  readonly numberIds: readonly NumberId[];
  readonly createdAtMs: EpochMs;
};
/** `settings`: all of them, as they are from now on. */
type VoiceAppChanged = OfApp & {
  readonly type: 'VoiceAppChanged';
  readonly settings: VoiceAppSettings;
  readonly changedAtMs: EpochMs;
};
type VoiceAppDeleted = OfApp & { readonly type: 'VoiceAppDeleted'; readonly deletedAtMs: EpochMs };

export type AppEvent = VoiceAppCreated | VoiceAppChanged | VoiceAppDeleted;
