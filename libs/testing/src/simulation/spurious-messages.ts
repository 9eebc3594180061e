import { commandEvent } from '@ringfence/command-transport/envelope/wire-command-envelope';
import { authenticatedHeaders } from '@ringfence/command-transport/command-topic/cluster-event';
import type { CommandPayload } from '@ringfence/commands/command-dispatcher';
import type { AccountId, IdSource } from '@ringfence/kernel/ids';
import { laneOf } from '@ringfence/kernel/lane';
import { addDuration, durationMs, type EpochMs } from '@ringfence/kernel/units';
import type { OutgoingMessage } from '@ringfence/ports/message-bus/message';
import { simulatedClusterMac } from './simulated-cluster.js';
import { simulatedLanes, simulatedTopics } from './simulated-topics.js';

const deadlineMs = durationMs(30_000);

/** A valid command in a partition that is not its account's. Its reply is ignored. */
export function misplacedMessage(
  accountId: AccountId,
  payload: CommandPayload,
  ids: IdSource,
  nowMs: EpochMs,
): OutgoingMessage {
  return {
    ...placedMessage(accountId, payload, ids, nowMs),
    partition: (laneOf(accountId, simulatedLanes) + 1) % simulatedLanes,
  };
}

/** A valid command in its account's lane. Its reply is ignored. */
export function placedMessage(
  accountId: AccountId,
  payload: CommandPayload,
  ids: IdSource,
  nowMs: EpochMs,
): OutgoingMessage {
  const commandId = ids.commandId();
  const command = {
    commandId,
    idChosenByClient: false,
    fingerprint: Buffer.from(commandId),
    stream: accountId,
    principal: { kind: 'operator', name: 'simulated' },
    payload,
    result: {},
    deadlineMs: addDuration(nowMs, deadlineMs),
    traceparent: null,
  } as const;
  const event = commandEvent(
    command,
    nowMs,
    { partition: 0, correlation: `stray-${commandId}` },
    'urn:simulated:stray',
  );
  return {
    topic: simulatedTopics.commands,
    key: accountId,
    partition: laneOf(accountId, simulatedLanes),
    headers: authenticatedHeaders(event, simulatedClusterMac),
    value: event.data,
  };
}

/** A message that is no command at all. */
export function unreadable(accountId: AccountId): OutgoingMessage {
  const partition = laneOf(accountId, simulatedLanes);
  return { topic: simulatedTopics.commands, key: accountId, partition, headers: {}, value: Buffer.from('nonsense') };
}
