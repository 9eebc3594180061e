import { randomBytes } from 'node:crypto';
import { Admin } from '@platformatic/kafka';

const requestTimeoutMs = 5_000;
const retryDelayMs = 250;
/** Retries for about a minute in all: a newly started broker takes a few seconds to answer. */
const answerRetriesMax = 240;
const sweepRetriesMax = 40;
/**
 * State of a group without members. A group with members cannot be deleted; one without offsets disappears by itself
 * after its members.
 */
const withoutMembers = 'Empty';

/** Makes a prefix that no other run has. */
export function ownPrefix(): string {
  return `ringfence-test-${randomBytes(6).toString('hex')}.`;
}

/** Settles when the cluster answers. @throws after about a minute, with the client's message */
export async function answers(brokers: readonly string[]): Promise<void> {
  await withAdmin(brokers, answerRetriesMax, (admin) => admin.metadata({ topics: [], forceUpdate: true }));
}

/** Deletes every topic and group whose name begins with `prefix`, and nothing else. */
export async function sweep(brokers: readonly string[], prefix: string): Promise<void> {
  await withAdmin(brokers, sweepRetriesMax, async (admin) => {
    const topics = (await admin.listTopics()).filter((name) => name.startsWith(prefix));
    if (topics.length > 0) await admin.deleteTopics({ topics });
    const groups = [...(await admin.listGroups()).values()].filter(({ id }) => id.startsWith(prefix));
    const empty = groups.filter(({ state }) => state === withoutMembers).map(({ id }) => id);
    if (empty.length > 0) await admin.deleteGroups({ groups: empty });
  });
}

async function withAdmin<Answer>(
  brokers: readonly string[],
  retries: number,
  question: (admin: Admin) => Promise<Answer>,
): Promise<Answer> {
  const admin = new Admin({
    clientId: 'ringfence-test',
    bootstrapBrokers: [...brokers],
    retries,
    retryDelay: retryDelayMs,
    timeout: requestTimeoutMs,
  });
  try {
    return await question(admin);
  } finally {
    await admin.close();
  }
}
