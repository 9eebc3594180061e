import { idText, singleLine } from '../../field-rule.js';
import { optional, personal } from '../command-field.js';
import { type PlainResult, textIn } from '../command-result.js';
import type { PublicCommand } from '../public-command.js';

/** Exactly one of the two fields. */
export const eraseSubject = {
  name: 'erase_subject',
  commandType: 'EraseSubject',
  fields: {
    value: personal(
      optional(singleLine(2_048), 'The personal value itself, exactly as it was sent: a number, a name, a URL.', {
        example: '+15005550100',
      }),
    ),
    subject_id: optional(idText('sub'), 'The subject, where its id is known.'),
  },
  example: { value: '+15005550100' },
  answersSecret: false,
  route: { method: 'POST', path: '/accounts/:subject/subjects/erase' },
  result: ({ ids }: PlainResult) => ({ subjectId: textIn(ids, 'subject_id') }),
} as const satisfies PublicCommand;
