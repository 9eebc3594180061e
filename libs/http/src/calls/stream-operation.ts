import type { OperationSpec } from '../edge/operation.js';
import { edgeProblem, status } from '../problem.js';
import { subscriptionLimits } from './call-event-subscriptions.js';

/** The answer of routes that stream events of calls. */
export const streamAnswer: OperationSpec['answer'] = {
  status: status.ok,
  description:
    'Server-sent events. Each has the name of the event as `event`, its place in the log as `id`, and a CallEvent as `data`. The last one is `stream.closed`, with the reason. A comment comes every 15 s.',
  schema: 'CallEventStream',
  mediaType: 'text/event-stream',
};

export function tooManyStreams(): Error {
  return edgeProblem(
    'too_many_waiting',
    `an account follows calls with ${String(subscriptionLimits.perAccountMax)} streams at most`,
  );
}
