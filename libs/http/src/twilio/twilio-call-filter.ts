import { type EndCause, endCauses } from '@ringfence/domain/calls/call.events';
import { type EpochMs, epochMs } from '@ringfence/kernel/units';
import type { CallFilter } from '@ringfence/read-models/calls/call.queries';
import { rfc3339Moment } from '@ringfence/wire/field-rule';
import { unansweredStatus } from '@ringfence/wire/twilio/twilio-call';
import type { TwilioParameters } from './twilio-parameters.js';

const dayMs = 86_400_000;

export const listParameters = [
  ...['To', 'From', 'ParentCallSid', 'Status', 'StartTime', 'StartTime<', 'StartTime>'],
  ...['PageSize', 'Page', 'PageToken'],
];
const noEnd = 'calls are found by when they began: StartTime';
export const unsupportedFilters = { EndTime: noEnd, 'EndTime<': noEnd, 'EndTime>': noEnd };

type CallConditions = Pick<CallFilter, 'state' | 'causes' | 'createdAfter' | 'createdBefore'>;

/** The conditions of a list of calls, besides its numbers. @throws HttpProblem `validation_failed` */
export function callFilterIn(parameters: TwilioParameters): CallConditions {
  const [on, upTo, since] = ['StartTime', 'StartTime<', 'StartTime>'].map((name) => spanIn(parameters, name));
  return {
    ...stateIn(parameters),
    createdAfter: latest(on?.fromMs, since?.fromMs),
    createdBefore: earliest(on?.untilMs, upTo?.untilMs),
  };
}

function stateIn(parameters: TwilioParameters): Pick<CallFilter, 'state' | 'causes'> {
  const wanted = parameters.get('Status');
  switch (wanted) {
    case undefined:
      return {};
    case 'queued':
      return { state: 'initiated' };
    case 'in-progress':
      return { state: 'answered' };
    case 'ringing':
    case 'completed':
      return { state: wanted };
    case 'busy':
    case 'failed':
    case 'no-answer':
    case 'canceled':
      return { state: 'failed', causes: endCauses.filter((cause: EndCause) => unansweredStatus(cause) === wanted) };
    default:
      throw parameters.invalid(
        'Status',
        'is queued, ringing, in-progress, completed, busy, failed, no-answer or canceled',
      );
  }
}

/** A day, or a moment with everything up to the next millisecond: `untilMs` is the first moment after it. */
type Span = { readonly fromMs: EpochMs; readonly untilMs: EpochMs };

function spanIn(parameters: TwilioParameters, name: string): Span | undefined {
  const text = parameters.get(name);
  if (text === undefined) return undefined;
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const moment = isDay ? `${text}T00:00:00Z` : text;
  if (!rfc3339Moment.isValid(moment) || Number.isNaN(Date.parse(moment)))
    throw parameters.invalid(name, 'is a day in UTC, such as 2026-01-31, or a moment, such as 2026-01-31T12:00:00Z');
  const fromMs = Date.parse(moment);
  return { fromMs: epochMs(fromMs), untilMs: epochMs(fromMs + (isDay ? dayMs : 1)) };
}

function latest(one: EpochMs | undefined, other: EpochMs | undefined): EpochMs | undefined {
  return one === undefined || (other !== undefined && other > one) ? other : one;
}

function earliest(one: EpochMs | undefined, other: EpochMs | undefined): EpochMs | undefined {
  return one === undefined || (other !== undefined && other < one) ? other : one;
}
