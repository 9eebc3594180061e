import { numberFaultReasons } from '@ringfence/domain/limits/called-number';
import { numberKinds } from '@ringfence/domain/limits/numbering-plan';
import { modes } from '@ringfence/domain/shared/values';
import {
  amount,
  amountOrNull,
  id,
  idOrNull,
  type JsonSchema,
  listOf,
  listOrNull,
  moment,
  momentOrNull,
  type NamedSchemas,
  object,
  oneOf,
  oneOfOrNull,
  page,
  positionToken,
  ref,
  text,
  textOrNull,
  whole,
} from '../edge/json-schema.js';

const territory: JsonSchema = {
  ...textOrNull,
  description: 'ISO 3166-1 alpha-2; null: the number belongs to no territory, or no plan knows it.',
};
const range = {
  prefix: text,
  territory,
  kind: oneOf(numberKinds),
  effective_from: moment,
  effective_until: momentOrNull,
};
const price = object(
  {
    deck_id: id('deck'),
    deck_version: whole,
    prefix: text,
    currency: text,
    connect_fee_micros: amount,
    per_minute_micros: amount,
    minute_micros: { ...amount, description: 'What one minute costs, fee, minimum and increment counted.' },
    main_minute_micros: { ...amountOrNull, description: 'What one minute to the territory costs by its main price.' },
  },
  'What the call would be charged by.',
);

const assignedTo = (prefix: string, description: string): JsonSchema => ({
  description,
  anyOf: [object({ id: id(prefix), name: textOrNull }), { type: 'null' }],
});
const virtualNumber = {
  id: id('vn'),
  account_id: id('acc'),
  name: textOrNull,
  number: textOrNull,
  location: ref('NumberLocation'),
  voice_app: assignedTo('va', 'The voice app that it is assigned to; null: none.'),
  sip_trunk: assignedTo('st', 'The SIP trunk that it is assigned to; null: none.'),
  mode: oneOf(modes),
  erased: listOf({ const: 'name' }),
};

export const numberSchemas: NamedSchemas = {
  NumberExplanation: object({
    number: text,
    verdict: oneOf(['allowed', 'refused']),
    code: oneOfOrNull(['number_invalid', 'number_range_unknown', 'destination_not_allowed', 'no_route']),
    reason: oneOfOrNull([...numberFaultReasons, 'no_price']),
    detail: textOrNull,
    territory,
    kind: oneOfOrNull(numberKinds),
    opened_range: { ...textOrNull, description: 'The prefix of the range that an operator has opened.' },
    numbering_data: { ...text, description: 'Name and version of the numbering data.' },
    price: { oneOf: [price, { type: 'null' }] },
    key_id: idOrNull('key'),
    refused_by_key_id: {
      ...idOrNull('key'),
      description:
        'The key whose policy refuses the number: this one, or one that it is a child of; null: no policy does.',
    },
    destination_prefixes: {
      ...listOrNull(text),
      description: 'What the key’s policy names; null: everything that is not costly.',
    },
  }),
  NumberRange: object(range),
  NumberRangeOpened: object({ ...range, effective_from: momentOrNull, position: positionToken }),
  NumberRangeList: object({ data: listOf(ref('NumberRange')) }),
  NumberLocation: object({
    country: territory,
    kind: oneOf(numberKinds),
    locality: { ...textOrNull, description: 'The place within the territory, as the operator wrote it.' },
  }),
  VirtualNumber: object(virtualNumber),
  VirtualNumberRenamed: object({ ...virtualNumber, position: positionToken }),
  VirtualNumbersAssigned: object({ success: { const: true }, message: text, position: positionToken }),
  VirtualNumberWithdrawn: object({ id: id('vn'), account_id: id('acc'), position: positionToken }),
  VirtualNumberList: page(ref('VirtualNumber')),
};
