import { IdText, Text } from '../../edge/fields.js';

/** One of the two. */
export class EraseSubjectBody {
  @Text({
    says: 'The personal value itself, exactly as it was sent: a number, a name, a URL.',
    example: '+15005550100',
    charactersMax: 2_048,
  })
  value?: string | null;

  @IdText({ says: 'The subject, where its id is known.', prefix: 'sub' })
  subject_id?: string | null;
}
