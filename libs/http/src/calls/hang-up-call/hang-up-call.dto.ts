import { publicCommands } from '@ringfence/wire/public-commands';
import { BodyField } from '../../edge/fields.js';

const { fields } = publicCommands.hang_up_call;

export class HangUpCallBody {
  @BodyField(fields.leg_id, { says: 'The leg to hang up; without it the whole call ends.' })
  leg_id?: string | null;

  @BodyField(fields.reason, {
    says: 'Accepted for clients of the Teler API and not kept in this release: `warnings` says so.',
  })
  reason?: string | null;
}
