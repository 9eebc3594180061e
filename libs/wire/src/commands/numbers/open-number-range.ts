import { numberKinds, territoryPattern } from '@ringfence/domain/limits/numbering-plan';
import { choice, rfc3339Moment, singleLine } from '../../field-rule.js';
import { optional, required } from '../command-field.js';
import { type PlainResult, textIn } from '../command-result.js';
import type { PublicCommand } from '../public-command.js';

/** Kinds that can be opened: the sandbox has its own range and no other. */
const kindsOffered = numberKinds.filter((kind) => kind !== 'sandbox');

export const openNumberRange = {
  name: 'open_number_range',
  commandType: 'OpenNumberRange',
  fields: {
    prefix: required(singleLine(15, /^[1-9]\d{0,14}$/), 'What its numbers begin with: digits without +.', {
      example: '1565',
    }),
    territory: optional(
      singleLine(2, territoryPattern),
      'ISO 3166-1 alpha-2; null: its numbers belong to no territory.',
      { example: 'US' },
    ),
    kind: required(choice(kindsOffered), 'What its numbers are for.', { example: 'fixed_line_or_mobile' }),
    effective_from: optional(rfc3339Moment, 'A moment to come; null: from now on.'),
    effective_until: optional(rfc3339Moment, 'When it ends; null: it does not.'),
  },
  example: { prefix: '1565', territory: 'US', kind: 'fixed_line_or_mobile' },
  answersSecret: false,
  route: { method: 'POST', path: '/number-ranges' },
  result: ({ ids }: PlainResult) => ({ prefix: textIn(ids, 'prefix') }),
} as const satisfies PublicCommand;
