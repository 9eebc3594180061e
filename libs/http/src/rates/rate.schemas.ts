import { numberFaultReasons } from '@ringfence/domain/limits/called-number';
import { numberKinds } from '@ringfence/domain/limits/numbering-plan';
import { rateSchema } from '../calls/price-bodies.js';
import {
  currencyCode,
  id,
  moment,
  type NamedSchemas,
  object,
  oneOfOrNull,
  text,
  textOrNull,
} from '../edge/json-schema.js';

export const rateSchemas: NamedSchemas = {
  NumberRate: object({
    number: text,
    account_id: id('acc'),
    currency: currencyCode,
    priced_at: { ...moment, description: 'The deck in force at this moment was asked.' },
    territory: {
      ...textOrNull,
      description: 'ISO 3166-1 alpha-2; null: the number belongs to no territory, or no plan knows it.',
    },
    kind: oneOfOrNull(numberKinds),
    rate: { oneOf: [rateSchema, { type: 'null' }], description: 'null: there is no price, as `detail` says.' },
    code: oneOfOrNull(['number_invalid', 'number_range_unknown', 'no_route']),
    reason: oneOfOrNull([...numberFaultReasons, 'no_price']),
    detail: { ...textOrNull, description: 'Why there is no price; null: there is one.' },
  }),
};
