import type { RejectionCode } from '@ringfence/domain/rejections/rejection.events';
import type { DomainCommandType } from '@ringfence/domain/command';
import type { Clock } from '@ringfence/kernel/clock';
import { type IdSource, type KeyId, parseAccountId, type StreamId } from '@ringfence/kernel/ids';
import { addDuration, type DurationMs } from '@ringfence/kernel/units';
import type { SubmittedCommand } from './command-dispatcher.js';

/** The reporting process. */
export type Reporter = {
  readonly ids: Pick<IdSource, 'commandId'>;
  readonly clock: Clock;
  /** The part of this process that rejected the request: the envelope's `issuedbyid`. */
  readonly workerId: string;
};
/** Rejections of one kind with their number, as recorded in `CommandTurnedAway`. */
type RejectionCount = {
  /** The account whose stream records them, or `platform`. */
  readonly stream: StreamId;
  readonly presentedKeyId: KeyId | null;
  readonly code: RejectionCode;
  readonly commandType: DomainCommandType | null;
  readonly count: number;
};

/**
 * Reports rejections to a stream under a new command id, so that the id chosen by the sender stays free.
 * @param withinMs time that the report may wait in its lane
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
