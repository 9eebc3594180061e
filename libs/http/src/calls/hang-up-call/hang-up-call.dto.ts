import { IdText, Text } from '../../edge/fields.js';

export class HangUpCallBody {
  @IdText({ says: 'The leg to hang up; without it the whole call ends.', prefix: 'cl' })
  leg_id?: string | null;

  @Text({ says: 'For the caller’s own notes; not kept.', charactersMax: 255 })
  reason?: string | null;
}
