import { Admin, ConfigResourceTypes } from '@platformatic/kafka';
import { busFailures } from '@ringfence/messaging/failures';
import type { TopicSpec } from '@ringfence/messaging/topic-spec';
import { says } from './broker-words.js';
import { clientOptions, type KafkaConnection, questionRetriesMax } from './kafka-connection.js';

const inSyncMin = 'min.insync.replicas';
const retentionMs = 'retention.ms';
const retentionBytes = 'retention.bytes';
const cleanup = 'cleanup.policy';
const unlimited = '-1';

/** Makes the topics that are missing, and tells what is wrong with those that are there. */
export async function ensureTopics(connection: KafkaConnection, specs: readonly TopicSpec[]): Promise<void> {
  await asAdmin(connection, async (admin) => {
    const known = new Set(await admin.listTopics());
    for (const spec of specs) if (!known.has(spec.name)) await create(admin, spec);
    const complaints = await complaintsAbout(admin, specs);
    if (complaints.length > 0) throw busFailures.topic_settings_wrong(complaints);
  });
}

export async function topicNames(connection: KafkaConnection): Promise<readonly string[]> {
  return asAdmin(connection, (admin) => admin.listTopics());
}

export async function asAdmin<Answer>(
  connection: KafkaConnection,
  question: (admin: Admin) => Promise<Answer>,
): Promise<Answer> {
  const admin = new Admin({ ...clientOptions(connection), retries: questionRetriesMax });
  try {
    return await question(admin);
  } finally {
    await admin.close();
  }
}

async function create(admin: Admin, { name, partitions, replicas, retention }: TopicSpec): Promise<void> {
  const configs = [
    { name: inSyncMin, value: String(replicas.inSyncMin) },
    { name: cleanup, value: 'delete' },
    { name: retentionBytes, value: unlimited },
    { name: retentionMs, value: retention.kind === 'forever' ? unlimited : String(retention.ms) },
  ];
  try {
    await admin.createTopics({ topics: [name], partitions, replicas: replicas.copies, configs });
  } catch (failure) {
    // Another process may have made it between our look and our wish: the check that follows looks at what it made.
    if (!says(failure, 'TOPIC_ALREADY_EXISTS')) throw failure;
  }
}

async function complaintsAbout(admin: Admin, specs: readonly TopicSpec[]): Promise<readonly string[]> {
  const names = specs.map(({ name }) => name);
  const { topics } = await admin.metadata({ topics: names, forceUpdate: true });
  const configurationKeys = [inSyncMin, retentionMs, retentionBytes, cleanup];
  const described = await admin.describeConfigs({
    resources: names.map((resourceName) => ({
      resourceType: ConfigResourceTypes.TOPIC,
      resourceName,
      configurationKeys,
    })),
  });
  return specs.flatMap((spec) => {
    const partitions = topics.get(spec.name)?.partitions ?? [];
    const configs = described.find(({ resourceName }) => resourceName === spec.name)?.configs ?? [];
    const settings = new Map(configs.map(({ name, value }) => [name, value ?? '']));
    return [
      ...shapeComplaints(spec, partitions.length, partitions[0]?.replicas.length ?? 0),
      ...settingComplaints(spec, settings),
    ];
  });
}

function shapeComplaints({ name, partitions, replicas }: TopicSpec, found: number, copies: number): readonly string[] {
  const complaints: string[] = [];
  if (found !== partitions) {
    const cure =
      found < partitions
        ? 'add partitions before anything is written to it'
        : 'a topic cannot lose partitions: make it anew';
    complaints.push(`${name} has ${String(found)} partitions, it needs ${String(partitions)} (${cure})`);
  }
  if (copies < replicas.copies) {
    complaints.push(
      `${name} has ${String(copies)} replicas, it needs ${String(replicas.copies)} (reassign its partitions)`,
    );
  }
  return complaints;
}

function settingComplaints(
  { name, replicas, retention }: TopicSpec,
  settings: ReadonlyMap<string, string>,
): readonly string[] {
  const complaints: string[] = [];
  const complain = (setting: string, wanted: string) => {
    complaints.push(`${name} has ${setting}=${settings.get(setting) ?? 'nothing'}, set ${setting}=${wanted}`);
  };
  if (Number(settings.get(inSyncMin)) < replicas.inSyncMin) complain(inSyncMin, String(replicas.inSyncMin));
  if (settings.get(cleanup) !== 'delete') complain(cleanup, 'delete');
  if (settings.get(retentionBytes) !== unlimited) complain(retentionBytes, unlimited);
  const kept = Number(settings.get(retentionMs));
  if (retention.kind === 'forever' && kept !== -1) complain(retentionMs, unlimited);
  if (retention.kind === 'at_least' && kept !== -1 && kept < retention.ms) complain(retentionMs, String(retention.ms));
  return complaints;
}
