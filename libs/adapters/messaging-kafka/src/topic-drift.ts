import type { TopicSpec } from '@ringfence/ports/message-bus/topic-spec';

/** Settings that are compared, under Kafka's names. */
export const settingNames = {
  inSyncMin: 'min.insync.replicas',
  retentionMs: 'retention.ms',
  retentionBytes: 'retention.bytes',
  cleanup: 'cleanup.policy',
} as const;
export const noRetentionLimit = '-1';

const { inSyncMin, retentionMs, retentionBytes, cleanup } = settingNames;

/** @param copies replicas found of each partition, by its number */
export function shapeComplaints(
  { name, partitions, replicas }: TopicSpec,
  copies: readonly number[],
): readonly string[] {
  const complaints: string[] = [];
  const found = copies.length;
  if (found !== partitions) {
    const cure =
      found < partitions
        ? 'add partitions before anything is written to it'
        : 'a topic cannot lose partitions: recreate it';
    complaints.push(`${name} has ${String(found)} partitions, it needs ${String(partitions)} (${cure})`);
  }
  const short = copies.flatMap((count, partition) => (count < replicas.copies ? [partition] : []));
  if (short.length > 0) {
    const fewest = Math.min(...copies);
    const where = short.length === found ? 'everywhere' : `in partition ${short.join(', ')}`;
    complaints.push(
      `${name} has ${String(fewest)} replicas ${where}, it needs ${String(replicas.copies)} (reassign its partitions)`,
    );
  }
  return complaints;
}

export function settingComplaints(
  { name, replicas, retention }: TopicSpec,
  settings: ReadonlyMap<string, string>,
): readonly string[] {
  const complaints: string[] = [];
  const complain = (setting: string, wanted: string) => {
    complaints.push(`${name} has ${setting}=${settings.get(setting) ?? 'nothing'}, set ${setting}=${wanted}`);
  };
  if (Number(settings.get(inSyncMin)) < replicas.inSyncMin) complain(inSyncMin, String(replicas.inSyncMin));
  if (settings.get(cleanup) !== 'delete') complain(cleanup, 'delete');
  if (settings.get(retentionBytes) !== noRetentionLimit) complain(retentionBytes, noRetentionLimit);
  const kept = Number(settings.get(retentionMs));
  if (retention.kind === 'forever' && kept !== -1) complain(retentionMs, noRetentionLimit);
  if (retention.kind === 'at_least' && kept !== -1 && kept < retention.ms) complain(retentionMs, String(retention.ms));
  return complaints;
}
