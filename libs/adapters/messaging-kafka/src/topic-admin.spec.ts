import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TopicSpec } from '@ringfence/ports/message-bus/topic-spec';
import { testKafka } from '@ringfence/testing/kafka/broker-chain';
import type { TestKafka } from '@ringfence/testing/kafka/test-kafka';
import { asAdmin, ensureTopics } from './topic-admin.js';
import { shapeComplaints } from './topic-drift.js';

const right = {
  'min.insync.replicas': '1',
  'retention.ms': '-1',
  'retention.bytes': '-1',
  'cleanup.policy': 'delete',
};
const partitions = 2;
const hourMs = 3_600_000;

let kafka: TestKafka;
let made = 0;
beforeAll(async () => {
  kafka = await testKafka();
}, 300_000);
afterAll(() => kafka.discard(), 60_000);

const connection = () => ({ brokers: kafka.brokers, clientId: `${kafka.prefix}topic-admin` });

/**
 * Creates a topic as another program would.
 * @returns its name
 */
async function topicWith(settings: Partial<typeof right>): Promise<string> {
  made += 1;
  const name = `${kafka.prefix}topic-admin.${String(made)}`;
  const configs = Object.entries({ ...right, ...settings }).map(([setting, value]) => ({ name: setting, value }));
  await asAdmin(connection(), (admin) => admin.createTopics({ topics: [name], partitions, replicas: 1, configs }));
  return name;
}

function specOf(name: string, changes: Partial<TopicSpec> = {}): TopicSpec {
  const retention = { kind: 'forever' } as const;
  return { name, partitions, replicas: { copies: 1, inSyncMin: 1 }, retention, ...changes };
}

async function complaintOf(spec: TopicSpec): Promise<string> {
  return ensureTopics(connection(), [spec]).then(
    () => 'nothing is wrong',
    (failure: unknown) => {
      expect(failure).toMatchObject({ code: 'topic_settings_wrong' });
      return (failure as Error).message;
    },
  );
}

describe('a topic that is there already', () => {
  it.each([
    ['min.insync.replicas', '1', '2', { replicas: { copies: 1, inSyncMin: 2 } }],
    ['retention.ms', '3600000', '-1', {}],
    ['retention.ms', '3600000', '7200000', { retention: { kind: 'at_least', ms: 2 * hourMs } }],
    ['retention.bytes', '1000000', '-1', {}],
    ['cleanup.policy', 'compact', 'delete', {}],
    ['cleanup.policy', 'compact,delete', 'delete', {}],
  ] satisfies readonly [string, string, string, Partial<TopicSpec>][])(
    'is an error that says what to change when it has %s=%s and needs %s',
    async (setting, has, needs, changes) => {
      const name = await topicWith({ [setting]: has });
      const complaint = await complaintOf(specOf(name, changes));
      expect(complaint).toContain(`${name} has ${setting}=${has}, set ${setting}=${needs}`);
      expect(complaint.match(/ has /g)).toHaveLength(1);
    },
    30_000,
  );

  it('may keep for longer than it has to, and ask for more copies in sync', async () => {
    const kept = await topicWith({ 'retention.ms': String(3 * hourMs), 'min.insync.replicas': '2' });
    expect(await complaintOf(specOf(kept, { retention: { kind: 'at_least', ms: 2 * hourMs } }))).toBe(
      'nothing is wrong',
    );
    const forever = await topicWith({});
    expect(await complaintOf(specOf(forever, { retention: { kind: 'at_least', ms: hourMs } }))).toBe(
      'nothing is wrong',
    );
  }, 30_000);

  it('is an error with everything that is wrong with it', async () => {
    const name = await topicWith({ 'retention.bytes': '1000000', 'cleanup.policy': 'compact' });
    const complaint = await complaintOf(specOf(name, { replicas: { copies: 3, inSyncMin: 2 } }));
    for (const wrong of ['set retention.bytes=-1', 'set cleanup.policy=delete', 'set min.insync.replicas=2'])
      expect(complaint).toContain(wrong);
    expect(complaint).toContain(`${name} has 1 replicas everywhere, it needs 3`);
  }, 30_000);

  it('needs its copies in every partition, not in the first alone', () => {
    const spec = specOf('t', { partitions: 3, replicas: { copies: 3, inSyncMin: 2 } });
    expect(shapeComplaints(spec, [3, 3, 3])).toEqual([]);
    expect(shapeComplaints(spec, [3, 2, 1])).toEqual([
      't has 1 replicas in partition 1, 2, it needs 3 (reassign its partitions)',
    ]);
  });
});
