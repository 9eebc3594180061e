import type { RejectionCode } from '@ringfence/domain/rejections/rejection.events';
import type { DomainCommandType } from '@ringfence/domain/command';
import type { Clock } from '@ringfence/kernel/clock';
import { type IdSource, type KeyId, parseAccountId, type StreamId } from '@ringfence/kernel/ids';
import { addDuration, type DurationMs } from '@ringfence/kernel/units';
import type { SubmittedCommand } from './command-dispatcher.js';

/** The process that reports. */
export type Reporter = {
  readonly ids: Pick<IdSource, 'commandId'>;
  readonly clock: Clock;
  /** Names the part of this process that rejected it, as the envelope's `issuedbyid` will say. */
  readonly workerId: string;
};
/** Rejections of one kind and their number, as `CommandTurnedAway` records them. */
type RejectionCount = {
  /** The account whose stream records them, or `platform`. */
  readonly stream: StreamId;
  readonly presentedKeyId: KeyId | null;
  readonly code: RejectionCode;
  readonly commandType: DomainCommandType | null;
  readonly count: number;
};

/**
 * Reports rejections to a stream under an id of our own: the id that the sender chose stays free.
 * @param withinMs how long the report may wait in its lane
 */
export function rejectionReport(
  { stream, presentedKeyId, code, commandType, count }: RejectionCount,
  { ids, clock, workerId }: Reporter,
  withinMs: DurationMs,
): SubmittedCommand {
  return {
    commandId: ids.commandId(),
    idChosenByClient: false,
    fingerprint: new Uint8Array(0),
    stream,
    principal: { kind: 'worker', workerId },
    payload: {
      type: 'TurnAwayCommand',
      accountId: parseAccountId(stream) ?? null,
      presentedKeyId,
      code,
      commandType,
      count,
    },
    result: {},
    deadlineMs: addDuration(clock.now(), withinMs),
    traceparent: null,
  };
}
