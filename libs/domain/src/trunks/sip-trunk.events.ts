import type { IpListId, SipTrunkId, WebhookSecretId } from '@ringfence/kernel/ids';
import type { EpochMs } from '@ringfence/kernel/units';
import type { WebhookApiVersion } from '../apps/voice-app.events.js';
import type { Mode, SealedSecret, SealedText } from '../shared/values.js';

export const sipTransports = ['tls', 'tcp', 'udp'] as const;
export type SipTransport = (typeof sipTransports)[number];

/** One address of a trunk, in canonical form and sealed as those of IP lists are. */
export type TrunkAddress = { readonly name: SealedText | null; readonly address: SealedText };

/** The means by which a trunk recognises its callers: exactly one of three. */
export type TrunkAuthentication =
  | {
      readonly kind: 'credential';
      readonly username: SealedText;
      /** Digests of user name, realm (the trunk's id) and password, which SIP compares; never the password. */
      readonly digests: SealedSecret;
    }
  | {
      readonly kind: 'addresses';
      /** One or more, none of them twice. */
      readonly addresses: readonly TrunkAddress[];
    }
  | { readonly kind: 'ip_list'; readonly ipListId: IpListId };

/** The destination over a trunk of calls to the account's numbers. */
export type InboundRoute = {
  readonly name: SealedText;
  readonly sipUrl: SealedText;
  /** The user in the request's URI; null: the called number. */
  readonly sipUser: SealedText | null;
};

/** The settings of a trunk, as its account wants them. */
export type SipTrunkSettings = {
  readonly name: SealedText;
  readonly authentication: TrunkAuthentication;
  readonly transport: SipTransport;
  readonly isActive: boolean;
  /** The most calls at the same time, and in a second; null: as many as key and account permit. */
  readonly channelLimit: number | null;
  readonly cpsLimit: number | null;
  readonly recordingEnabled: boolean;
  /** null: no calls go out over it. */
  readonly inboundRoute: InboundRoute | null;
  readonly webhookUrl: SealedText | null;
  readonly webhookApiVersion: WebhookApiVersion;
  /** The secret with which its webhooks are signed, of the same mode; null: they are not signed. */
  readonly secretId: WebhookSecretId | null;
};

/** A trunk belongs to the mode of the key that created it, for ever. */
type OfTrunk = { readonly trunkId: SipTrunkId; readonly mode: Mode };

export type SipTrunkCreated = OfTrunk & {
  readonly type: 'SipTrunkCreated';
  readonly settings: SipTrunkSettings;
  readonly createdAtMs: EpochMs;
};
/** `settings`: all of them, as they are from now on. */
export type SipTrunkChanged = OfTrunk & {
  readonly type: 'SipTrunkChanged';
  readonly settings: SipTrunkSettings;
  readonly createdAtMs: EpochMs;
  readonly changedAtMs: EpochMs;
};
type SipTrunkDeleted = OfTrunk & { readonly type: 'SipTrunkDeleted'; readonly deletedAtMs: EpochMs };

export type SipTrunkEvent = SipTrunkCreated | SipTrunkChanged | SipTrunkDeleted;
