import { Admin, ConfigResourceTypes } from '@platformatic/kafka';
import { busFailures } from '@ringfence/ports/message-bus/failures';
import type { TopicSpec } from '@ringfence/ports/message-bus/topic-spec';
import { hasErrorCode } from './broker-errors.js';
import { clientOptions, type KafkaConnection, questionRetriesMax } from './kafka-connection.js';
import { settingComplaints, settingNames, shapeComplaints, noRetentionLimit } from './topic-drift.js';

const { inSyncMin, retentionMs, retentionBytes, cleanup } = settingNames;

/** Creates missing topics, and reports what is wrong with existing ones. */
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
    { name: retentionBytes, value: noRetentionLimit },
    { name: retentionMs, value: retention.kind === 'forever' ? noRetentionLimit : String(retention.ms) },
  ];
  try {
    await admin.createTopics({ topics: [name], partitions, replicas: replicas.copies, configs });
  } catch (failure) {
    // Another process may have created it between our look and our request; the check that follows examines its topic.
    if (!hasErrorCode(failure, 'TOPIC_ALREADY_EXISTS')) throw failure;
  }
}

async function complaintsAbout(admin: Admin, specs: readonly TopicSpec[]): Promise<readonly string[]> {
  const names = specs.map(({ name }) => name);
  const { topics } = await admin.metadata({ topics: names, forceUpdate: true });
  const configurationKeys = Object.values(settingNames);
  const described = await admin.describeConfigs({
    resources: names.map((resourceName) => ({
      resourceType: ConfigResourceTypes.TOPIC,
      resourceName,
      configurationKeys,
    })),
  });
  return specs.flatMap((spec) => {
    const replicas = (topics.get(spec.name)?.partitions ?? []).map((partition) => partition.replicas.length);
    const configs = described.find(({ resourceName }) => resourceName === spec.name)?.configs ?? [];
    const settings = new Map(configs.map(({ name, value }) => [name, value ?? '']));
    return [...shapeComplaints(spec, replicas), ...settingComplaints(spec, settings)];
  });
}
