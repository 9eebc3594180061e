import { binaryHeaders, type CloudEvent } from '@ringfence/wire/cloud-event';
import type { MessageHeaders } from '@ringfence/ports/message-bus/message';
import type { ClusterMac } from './cluster-mac.js';

/** The extension attribute with the MAC of the cluster. */
const attribute = 'vouch';

/**
 * Headers of an event between processes of the cluster, with a MAC over all attributes and the data.
 */
export function authenticatedHeaders(event: CloudEvent, clusterMac: ClusterMac): MessageHeaders {
  const mac = clusterMac.sign(partsOf(event));
  return binaryHeaders({ ...event, extensions: { ...event.extensions, [attribute]: mac } });
}

export function isFromCluster(event: CloudEvent, clusterMac: ClusterMac): boolean {
  const token = event.extensions[attribute];
  return token !== undefined && clusterMac.verify(token, partsOf(event));
}

function partsOf({ id, source, type, subject, time, extensions, data }: CloudEvent): readonly (string | Uint8Array)[] {
  const others = Object.entries(extensions).filter(([name]) => name !== attribute);
  const sorted = others.sort(([one], [other]) => (one < other ? -1 : 1)).flat();
  return [id, source, type, subject ?? '', time ?? '', ...sorted, data];
}
