import { asSecret } from '@ringfence/domain/shared/values';
import type { IpListCreated, IpListSettings } from '@ringfence/domain/trunks/ip-list.events';
import type { SipTrunkCreated, SipTrunkSettings } from '@ringfence/domain/trunks/sip-trunk.events';
import type { IpListId, SipTrunkId } from '@ringfence/kernel/ids';
import { nine, sealedExample } from './examples.js';
import { PredictableIds } from './predictable-ids.js';

const ids = new PredictableIds(800);
export const exampleIpListId = ids.ipListId();
export const exampleTrunkId = ids.sipTrunkId();

export const exampleIpListSettings: IpListSettings = {
  name: sealedExample('office'),
  addresses: [
    { address: sealedExample('203.0.113.0/24'), description: sealedExample('both lines') },
    { address: sealedExample('2001:db8::7/128'), description: null },
  ],
};

export function exampleIpListCreated(ipListId: IpListId = exampleIpListId): IpListCreated {
  return { type: 'IpListCreated', ipListId, mode: 'test', settings: exampleIpListSettings, createdAtMs: nine };
}

export const exampleTrunkSettings: SipTrunkSettings = {
  name: sealedExample('office line'),
  authentication: {
    kind: 'credential',
    username: sealedExample('office'),
    digests: asSecret(sealedExample('MD5=77a8d9a8 SHA-256=2f5b8a34')),
  },
  transport: 'tls',
  isActive: true,
  channelLimit: 10,
  cpsLimit: null,
  recordingEnabled: false,
  inboundRoute: null,
  webhookUrl: null,
  webhookApiVersion: '2026-06-01',
  secretId: null,
};

export function exampleTrunkCreated(
  settings: Partial<SipTrunkSettings> = {},
  trunkId: SipTrunkId = exampleTrunkId,
): SipTrunkCreated {
  return {
    type: 'SipTrunkCreated',
    trunkId,
    mode: 'test',
    settings: { ...exampleTrunkSettings, ...settings },
    createdAtMs: nine,
  };
}
