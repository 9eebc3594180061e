import { callDirections } from '@ringfence/domain/calls/call-direction';
import { endCauses } from '@ringfence/domain/calls/call.events';
import { modes } from '@ringfence/domain/shared/values';
import { warningCodes } from '@ringfence/wire/ineffective-fields';
import { callStates } from '@ringfence/read-models/calls/call-rows';
import {
  amount,
  amountOrNull,
  id,
  idOrNull,
  type JsonSchema,
  listOf,
  moment,
  momentOrNull,
  type NamedSchemas,
  object,
  oneOf,
  oneOfOrNull,
  page,
  ref,
  text,
  textOrNull,
  whole,
  wholeOrNull,
} from '../edge/json-schema.js';
import { callEventNames } from '@ringfence/wire/calls/call-event-body';
import { chargeSchema, rateSchema } from './price-bodies.js';

/**
 * Teler's field, which is never filled here. Its type is not `null` alone, because generators for Go make no type of
 * that.
 */
const nullForNow: JsonSchema = { ...textOrNull, description: 'Always null in this release.' };

export const callSchemas: NamedSchemas = {
  CallCreation: object({
    id: id('cs'),
    from_number: text,
    to_number: text,
    status_callback_url: textOrNull,
    record: { const: false, description: 'No call is recorded in this release.' },
    warnings: listOf(ref('Warning')),
  }),
  Warning: object(
    { code: oneOf(warningCodes), field: text, detail: text },
    'A field of the request that was accepted and has no effect in this release.',
  ),
  Mutation: object({
    request_id: text,
    playback_id: {
      ...textOrNull,
      description: 'Names the playback in the events of the call; null: none was asked for.',
    },
    warnings: listOf(ref('Warning')),
  }),
  Leg: object({
    id: id('cl'),
    call_session_id: id('cs'),
    direction: oneOf(callDirections),
    role: { const: 'callee' },
    state: oneOf(callStates),
    from_number: textOrNull,
    to_number: textOrNull,
    parent_leg_id: nullForNow,
    recordings: { type: 'array', items: {}, maxItems: 0 },
    created_at: moment,
    answered_at: momentOrNull,
    ended_at: momentOrNull,
    reason: oneOfOrNull(endCauses),
    ended_by: oneOfOrNull(['caller', 'callee', 'platform']),
  }),
  Call: object(
    {
      id: id('cs'),
      account_id: id('acc'),
      voice_app_id: { ...idOrNull('va'), description: 'The app of the caller number; null: it had none.' },
      state: oneOf(callStates),
      direction: oneOf(callDirections),
      from_number: textOrNull,
      to_number: textOrNull,
      properties: object(
        {
          mode: oneOf(modes),
          key_id: id('key'),
          project: text,
          application: text,
          country: text,
          record: { const: false, description: 'No call is recorded in this release.' },
          authorised_for_ms: whole,
          reserved_micros: amount,
          charged_micros: amountOrNull,
          talk_time_ms: wholeOrNull,
          billed_ms: wholeOrNull,
          trunk: textOrNull,
          rate: rateSchema,
          charge: chargeSchema,
          erased: listOf(oneOf(['from_number', 'to_number'])),
        },
        'What Teler has no field for. `erased` names the numbers that read null because they were erased.',
      ),
      created_at: moment,
      answered_at: momentOrNull,
      ended_at: momentOrNull,
      reason: oneOfOrNull(endCauses),
      legs: listOf(ref('Leg')),
    },
    'A call as it is now.',
  ),
  CallEventStream: {
    type: 'string',
    description: 'Server-sent events (HTML Living Standard, 9.2); the `data` of each is JSON as `contentSchema` says.',
    contentMediaType: 'text/event-stream',
    contentSchema: ref('CallEvent'),
    examples: ['id: log_01K9Z000000000000000000000:42\nevent: call.ringing\ndata: {"type":"call.ringing"}\n\n'],
  },
  CallEvent: object(
    {
      id: id('evt'),
      type: oneOf(callEventNames),
      api_version: { const: '2026-06-01' },
      account_id: id('acc'),
      call_id: id('cs'),
      occurred_at: moment,
      data: {
        type: 'object',
        description: 'The leg, the key, and what this event changed, under the names that a Call has.',
        properties: { leg_id: id('cl'), key_id: id('key') },
        required: ['leg_id', 'key_id'],
      },
    },
    'One event in the life of a call.',
  ),
  CallList: page(ref('Call')),
  LegList: page(ref('Leg')),
};
