import type { FlowAction } from './flow-action.js';

/** Reasons for which a flow cannot go on as its application meant it. */
export const flowFaultCodes = [
  /** A connection that was not made, or broke: name resolution, TCP, TLS, a reset. */
  'connection_failed',
  /** The URL leads to an address that the platform does not request. */
  'address_not_allowed',
  /** The personal data of the URL were erased. */
  'url_erased',
  /** The lack of a complete reply within the time of an attempt. */
  'request_timed_out',
  /** A status other than 2xx. */
  'status_not_successful',
  'reply_too_large',
  'reply_not_json',
  /** More actions, or more text, than one reply may have. */
  'program_too_large',
  'member_missing',
  'member_invalid',
  'member_unknown',
  'action_unknown',
  /** An action of the API that this release does not carry out. */
  'action_not_available',
  /** The reply was recorded neither as an action nor as a failure in time. */
  'reply_overdue',
  /** The media could not be played, or the stream could not be opened. */
  'action_failed',
  'too_many_replies',
  /** Reply after reply without any audio: a flow that refers to itself. */
  'replies_without_audio',
] as const;
export type FlowFaultCode = (typeof flowFaultCodes)[number];

export const actionKinds = [
  'stream',
  'play',
  'dial',
  'hangup',
  'say',
  'pause',
  'gather',
  'redirect',
  'reject',
] as const satisfies readonly FlowAction<unknown>['kind'][];
type ActionKind = (typeof actionKinds)[number];

export type FlowFault = {
  readonly code: FlowFaultCode;
  /** The action of the reply; null: it was not recognised, or there was no reply. */
  readonly action: ActionKind | null;
  /**
   * JSON Pointer (RFC 6901) of the member of the reply; null: the reply as a whole, or no reply. It has only names of
   * the API, none of the application's.
   */
  readonly pointer: string | null;
  /** null: there was no answer, or its status is not what is wrong. */
  readonly httpStatus: number | null;
};

export function faultOf(code: FlowFaultCode, where: Partial<Pick<FlowFault, 'action' | 'pointer'>> = {}): FlowFault {
  return { code, action: null, pointer: null, httpStatus: null, ...where };
}
