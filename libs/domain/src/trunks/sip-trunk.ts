import type { IpListId, SipTrunkId, WebhookSecretId } from '@ringfence/kernel/ids';
import type { EpochMs } from '@ringfence/kernel/units';
import type { Map as ImmutableMap } from 'immutable';
import type { Mode } from '../shared/values.js';
import type { SipTrunkEvent, SipTrunkSettings } from './sip-trunk.events.js';

/** The most trunks that an account may have in one mode. */
export const sipTrunksMax = 100;
/** The most addresses of one trunk; an IP list has more. */
export const trunkAddressesMax = 5;
/** The highest limit on the calls that one trunk starts in a second. */
export const cpsLimitMax = 10_000;

export type SipTrunk = {
  readonly trunkId: SipTrunkId;
  readonly mode: Mode;
  readonly settings: SipTrunkSettings;
  readonly createdAtMs: EpochMs;
};
/** The SIP trunks of one account, of both modes. */
export type SipTrunks = ImmutableMap<SipTrunkId, SipTrunk>;

export function evolveSipTrunks(trunks: SipTrunks, event: SipTrunkEvent): SipTrunks {
  const { trunkId, mode } = event;
  switch (event.type) {
    case 'SipTrunkCreated':
    case 'SipTrunkChanged':
      return trunks.set(trunkId, { trunkId, mode, settings: event.settings, createdAtMs: event.createdAtMs });
    case 'SipTrunkDeleted':
      return trunks.delete(trunkId);
  }
}

/** A trunk whose webhooks are signed with the secret; undefined: there is none. */
export function trunkUsingSecret(trunks: SipTrunks, secretId: WebhookSecretId): SipTrunk | undefined {
  return trunks.find(({ settings }) => settings.secretId === secretId);
}

/** A trunk that is reached from the addresses of the list; undefined: there is none. */
export function trunkUsingIpList(trunks: SipTrunks, ipListId: IpListId): SipTrunk | undefined {
  return trunks.find(
    ({ settings: { authentication } }) => authentication.kind === 'ip_list' && authentication.ipListId === ipListId,
  );
}
