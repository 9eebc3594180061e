import { hasErrorCode } from './broker-errors.js';
import type { KafkaConnection } from './kafka-connection.js';
import { asAdmin } from './topic-admin.js';

/**
 * Removes members whose processes are known to be gone from a group, so that the group need not time them out. A member
 * that has returned under its name is a different one to the group, and stays; one removed by mistake rejoins with its
 * next heartbeat.
 * @param isGone of a member's name
 * @returns the names of the removed members
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
        // Another process has removed it.
        if (!hasErrorCode(failure, 'UNKNOWN_MEMBER_ID')) throw failure;
      }
    }
    return removed;
  });
}
