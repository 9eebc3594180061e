import type { IpListEntry } from '@ringfence/domain/trunks/ip-list.events';
import { type AccountId, type IpListId, parseIpListId } from '@ringfence/kernel/ids';
import { invariant } from '@ringfence/kernel/invariant';
import type { SubjectVault } from '@ringfence/ports/vault/subject-vault';
import type { CommandBody } from '@ringfence/wire/public-commands';
import { InvalidField } from '../command-request.js';
import { readSipNetwork } from './sip-address.js';

/**
 * The most bytes that the descriptions of one list have together, in UTF-8: all of them are in each of its events,
 * which have at most 32 KiB.
 */
const descriptionBytesMax = 12_000;

export function ipListIdIn(text: string): IpListId {
  const ipListId = parseIpListId(text);
  invariant(ipListId !== undefined, 'the fields of the body were checked');
  return ipListId;
}

/**
 * Brings the addresses of a list into canonical form, and seals them.
 * @throws InvalidField, which names the entry; Failure `vault_unavailable` (retryable)
 */
export async function sealedAddresses(
  addresses: CommandBody<'create_ip_list'>['addresses'],
  vault: SubjectVault,
  accountId: AccountId,
): Promise<readonly IpListEntry[]> {
  const networks = addresses.map(({ address }, at) => {
    const network = readSipNetwork(address);
    if ('canonical' in network) return network.canonical;
    throw new InvalidField(['addresses', String(at), 'address'], network.rule, network.detail);
  });
  const repeated = networks.findIndex((network, at) => networks.indexOf(network) < at);
  if (repeated >= 0)
    throw new InvalidField(['addresses', String(repeated), 'address'], 'repeated', 'is the same network as one before');
  const bytes = addresses.reduce((sum, { description }) => sum + Buffer.byteLength(description ?? ''), 0);
  if (bytes > descriptionBytesMax)
    throw new InvalidField(
      ['addresses'],
      'too_large',
      `has descriptions of at most ${String(descriptionBytesMax)} bytes together`,
    );
  return Promise.all(
    addresses.map(async ({ description }, at) => ({
      address: await vault.seal(accountId, networks[at] ?? ''),
      description: typeof description === 'string' ? await vault.seal(accountId, description) : null,
    })),
  );
}
