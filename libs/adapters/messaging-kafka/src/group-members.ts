import { says } from './broker-errors.js';
import type { KafkaConnection } from './kafka-connection.js';
import { asAdmin } from './topic-admin.js';

/**
 * Takes members out of a group whose processes are known to be gone, so that it need not find that out first. A member
 * that has come back under its name is another one to the group, and stays; one that is taken out by mistake joins
 * again with its next heartbeat.
 * @param isGone of a member's name
 * @returns the names of those that were taken out
 */
export async function removeGone(
  connection: KafkaConnection,
  group: string,
  isGone: (member: string) => boolean,
): Promise<readonly string[]> {
  return asAdmin(connection, async (admin) => {
    const described = await admin.describeGroups({ groups: [group] });
    const found = [...(described.get(group)?.members.values() ?? [])];
    const gone = found.flatMap(({ id, groupInstanceId: name }) =>
      typeof name === 'string' && isGone(name) ? [{ id, name }] : [],
    );
    const removed: string[] = [];
    for (const { id, name } of gone) {
      try {
        await admin.removeMembersFromConsumerGroup({
          groupId: group,
          members: [{ memberId: id, reason: 'its process is gone' }],
        });
        removed.push(name);
      } catch (failure) {
        // Somebody else has done it.
        if (!says(failure, 'UNKNOWN_MEMBER_ID')) throw failure;
      }
    }
    return removed;
  });
}
