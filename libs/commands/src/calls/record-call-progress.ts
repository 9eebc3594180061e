import type { CallSignal } from '@ringfence/domain/calls/call.commands';
import { reportedCauses } from '@ringfence/domain/calls/call.events';
import { duration, id, nullable, oneOf } from '@ringfence/event-catalog/shape';
import { invariant } from '@ringfence/kernel/invariant';
import type { DurationMs } from '@ringfence/kernel/units';
import type { CommandPayloadOf } from '../command-dispatcher.js';
import { defineCommandAs } from '../command-definition.js';
import { callFields } from '../wire-fields.js';

type Ended = Extract<CallSignal, { kind: 'ended' }>;
/** A signal with the members of every kind; those that its kind lacks are null. */
type WireProgress = Omit<CommandPayloadOf<'RecordCallProgress'>, 'signal'> & {
  readonly signal: CallSignal['kind'];
  readonly cause: Ended['cause'] | null;
  readonly endedBy: Ended['endedBy'] | null;
  readonly talkTimeMs: DurationMs | null;
};

export const recordCallProgress = defineCommandAs<'RecordCallProgress', WireProgress>(
  {
    name: 'record_call_progress',
    version: 1,
    fields: {
      ...callFields,
      attemptId: id('evt'),
      signal: oneOf(['ringing', 'answered', 'ended']),
      cause: nullable(oneOf(reportedCauses)),
      endedBy: nullable(oneOf(['caller', 'callee', 'platform'])),
      talkTimeMs: nullable(duration),
    },
    allowedWhileDraining: true,
  },
  {
    toWire: ({ signal, ...rest }) => {
      const ended = signal.kind === 'ended' ? signal : { cause: null, endedBy: null, talkTimeMs: null };
      const { cause, endedBy, talkTimeMs } = ended;
      return { ...rest, signal: signal.kind, cause, endedBy, talkTimeMs };
    },
    sealed: () => [],
    isConsistent: ({ signal, cause, endedBy, talkTimeMs }) =>
      [cause, endedBy, talkTimeMs].every((member) => (member !== null) === (signal === 'ended')),
    fromWire: ({ signal: kind, cause, endedBy, talkTimeMs, ...rest }) => {
      if (kind !== 'ended') return { ...rest, signal: { kind } };
      invariant(cause !== null && endedBy !== null && talkTimeMs !== null, 'the command is consistent');
      return { ...rest, signal: { kind, cause, endedBy, talkTimeMs } };
    },
  },
);
