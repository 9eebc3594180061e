import { readFileSync } from 'node:fs';
import { getOrInsert } from '@ringfence/kernel/get-or-insert';
import type { IpListId, SipTrunkId } from '@ringfence/kernel/ids';
import type { Projection } from '@ringfence/projections/projection';
import { runnable } from '@ringfence/projections/runnable-projection';
import { type IpListChange, writeIpLists } from './ip-list-rows.js';
import { type TrunkChange, writeTrunks } from './trunk-rows.js';

type Batch = {
  readonly ipLists: Map<IpListId, IpListChange>;
  readonly trunks: Map<SipTrunkId, TrunkChange>;
};

const trunks: Projection<Batch> = {
  name: 'trunks',
  version: 2,
  order: 'stream',
  tables: readFileSync(new URL('trunks.sql', import.meta.url), 'utf8'),
  newBatch: () => ({ ipLists: new Map(), trunks: new Map() }),
  on: {
    trunks: {
      IpListCreated: ({ data, position, stream }, batch) => {
        const change = ipListOf(batch, data.ipListId);
        change.created = { event: data, position, accountId: stream };
        change.set = { settings: data.settings, updatedAtMs: data.createdAtMs };
      },
      IpListChanged: ({ data }, batch) => {
        ipListOf(batch, data.ipListId).set = { settings: data.settings, updatedAtMs: data.changedAtMs };
      },
      IpListDeleted: ({ data }, batch) => {
        ipListOf(batch, data.ipListId).deleted = true;
      },
      SipTrunkCreated: ({ data, position, stream }, batch) => {
        const change = trunkOf(batch, data.trunkId);
        change.created = { event: data, position, accountId: stream };
        change.set = { settings: data.settings, updatedAtMs: data.createdAtMs };
      },
      SipTrunkChanged: ({ data }, batch) => {
        trunkOf(batch, data.trunkId).set = { settings: data.settings, updatedAtMs: data.changedAtMs };
      },
      SipTrunkDeleted: ({ data }, batch) => {
        trunkOf(batch, data.trunkId).deleted = true;
      },
    },
    accounts: 'ignore',
    keys: 'ignore',
    calls: 'ignore',
    numbers: 'ignore',
    inventory: 'ignore',
    rejections: 'ignore',
    webhooks: 'ignore',
    apps: 'ignore',
    platform: 'ignore',
  },
  write: (batch, tx) => {
    writeIpLists(batch.ipLists.values(), tx);
    writeTrunks(batch.trunks.values(), tx);
  },
};

/** The SIP trunks and IP lists that exist. */
export const trunksProjection = runnable(trunks);

function ipListOf({ ipLists }: Batch, ipListId: IpListId): IpListChange {
  return getOrInsert(ipLists, ipListId, () => ({ ipListId, created: null, set: null, deleted: false }));
}

function trunkOf({ trunks: all }: Batch, trunkId: SipTrunkId): TrunkChange {
  return getOrInsert(all, trunkId, () => ({ trunkId, created: null, set: null, deleted: false }));
}
