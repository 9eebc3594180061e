import { publicCommands } from '@ringfence/wire/public-commands';
import { BodyField } from '../../edge/fields.js';

const { fields } = publicCommands.erase_subject;

/** One of the two. */
export class EraseSubjectBody {
  @BodyField(fields.value, {
    says: 'The personal value itself, exactly as it was sent: a number, a name, a URL.',
    example: '+15005550100',
  })
  value?: string | null;

  @BodyField(fields.subject_id, { says: 'The subject, where its id is known.' })
  subject_id?: string | null;
}
