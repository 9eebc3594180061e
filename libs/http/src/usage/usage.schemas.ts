import { modes } from '@ringfence/domain/shared/values';
import { usageDimensions, usageGroupings } from '@ringfence/read-models/usage/usage.queries';
import {
  amount,
  amountOrNull,
  id,
  listOf,
  moment,
  momentOrNull,
  type NamedSchemas,
  object,
  oneOf,
  ref,
  text,
  textOrNull,
  whole,
} from '../edge/json-schema.js';

export const usageSchemas: NamedSchemas = {
  UsageRow: object({
    minute: momentOrNull,
    local_day: textOrNull,
    mode: oneOf(modes),
    value: text,
    calls: whole,
    answered: whole,
    failed: whole,
    refused: whole,
    talk_time_ms: whole,
    billed_ms: whole,
    cost_micros: amount,
    average_cost_micros: amountOrNull,
  }),
  Usage: object({
    account_id: id('acc'),
    from: moment,
    to: moment,
    group_by: oneOf(usageGroupings),
    by: oneOf(usageDimensions),
    data: listOf(ref('UsageRow')),
  }),
  RateCounters: object({
    account_id: id('acc'),
    key_id: id('key'),
    data: listOf(
      object({
        second: moment,
        accepted: whole,
        refused: whole,
        reasons: { type: 'object', additionalProperties: whole, description: 'Refusals by their reason.' },
      }),
    ),
  }),
};
