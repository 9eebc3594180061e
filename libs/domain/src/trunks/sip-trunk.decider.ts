import { accept, type Decision, refuse } from '@ringfence/kernel/decider';
import type { IpListId, SipTrunkId, WebhookSecretId } from '@ringfence/kernel/ids';
import type { Refusal } from '../refusals.js';
import type { Mode } from '../shared/values.js';
import type { ChangeSipTrunk, CreateSipTrunk, DeleteSipTrunk } from './sip-trunk.commands.js';
import type { SipTrunkEvent, SipTrunkSettings } from './sip-trunk.events.js';
import { type SipTrunks, sipTrunksMax, trunkAddressesMax } from './sip-trunk.js';

type TrunkDecision = Decision<SipTrunkEvent, Refusal>;

/** The modes of the account's secrets and IP lists, to which trunks refer; undefined: there is none with this id. */
export type TrunkSurroundings = {
  readonly secretMode: (secretId: WebhookSecretId) => Mode | undefined;
  readonly ipListMode: (ipListId: IpListId) => Mode | undefined;
};

/** @param mode of the key that issues the command */
export function createTrunk(
  { trunkId, settings, nowMs }: CreateSipTrunk,
  mode: Mode,
  trunks: SipTrunks,
  around: TrunkSurroundings,
): TrunkDecision {
  if (trunks.has(trunkId)) return refuse({ code: 'sip_trunk_already_created', detail: `Trunk ${trunkId} exists.` });
  if (trunks.count((each) => each.mode === mode) >= sipTrunksMax)
    return refuse({
      code: 'sip_trunks_exhausted',
      detail: `An account has at most ${sipTrunksMax} ${mode} trunks: delete one that is no longer used.`,
    });
  const fault = settingsFault(settings, mode, around);
  if (fault !== undefined) return refuse(fault);
  return accept<SipTrunkEvent>({ type: 'SipTrunkCreated', trunkId, mode, settings, createdAtMs: nowMs });
}

export function changeTrunk(
  { trunkId, change, nowMs }: ChangeSipTrunk,
  trunks: SipTrunks,
  around: TrunkSurroundings,
): TrunkDecision {
  const trunk = trunks.get(trunkId);
  if (trunk === undefined) return refuse(unknownTrunk(trunkId));
  if (Object.keys(change).length === 0)
    return refuse({ code: 'nothing_to_change', detail: 'At least one setting of the trunk is needed.' });
  const { mode, createdAtMs } = trunk;
  const settings = { ...trunk.settings, ...change };
  const fault = settingsFault(settings, mode, around);
  if (fault !== undefined) return refuse(fault);
  return accept<SipTrunkEvent>({ type: 'SipTrunkChanged', trunkId, mode, settings, createdAtMs, changedAtMs: nowMs });
}

export function deleteTrunk({ trunkId, nowMs }: DeleteSipTrunk, trunks: SipTrunks): TrunkDecision {
  const trunk = trunks.get(trunkId);
  if (trunk === undefined) return refuse(unknownTrunk(trunkId));
  return accept<SipTrunkEvent>({ type: 'SipTrunkDeleted', trunkId, mode: trunk.mode, deletedAtMs: nowMs });
}

export function unknownTrunk(trunkId: SipTrunkId): Refusal {
  return { code: 'sip_trunk_unknown', detail: `There is no SIP trunk ${trunkId}.` };
}

function settingsFault(
  { authentication, transport, secretId }: SipTrunkSettings,
  mode: Mode,
  { secretMode, ipListMode }: TrunkSurroundings,
): Refusal | undefined {
  // The source address of a datagram is easily forged.
  if (transport === 'udp' && authentication.kind !== 'credential')
    return invalid('Over UDP a trunk is recognised by a credential, not by addresses.');
  if (secretId !== null && secretMode(secretId) !== mode)
    return {
      code: 'trunk_secret_unknown',
      detail: `There is no ${mode} secret ${secretId} to sign the webhooks with.`,
    };
  switch (authentication.kind) {
    case 'credential':
      return undefined;
    case 'addresses': {
      const { length } = authentication.addresses;
      if (length === 0 || length > trunkAddressesMax)
        return invalid(`A trunk has 1 to ${trunkAddressesMax} addresses; an IP list has more.`);
      const isRepeated = new Set(authentication.addresses.map(({ address }) => address.subjectId)).size < length;
      return isRepeated ? invalid('A trunk has each of its addresses once.') : undefined;
    }
    case 'ip_list': {
      const { ipListId } = authentication;
      if (ipListMode(ipListId) === mode) return undefined;
      return { code: 'trunk_ip_list_unknown', detail: `There is no ${mode} IP list ${ipListId}.` };
    }
  }
}

function invalid(detail: string): Refusal {
  return { code: 'sip_trunk_invalid', detail };
}
