import { publicCommands } from '@ringfence/messaging/public-commands';
import { BodyField } from '../../edge/fields.js';

const { fields } = publicCommands.hang_up_call;

export class HangUpCallBody {
  @BodyField(fields.leg_id, { says: 'The leg to hang up; without it the whole call ends.' })
  leg_id?: string | null;

  @BodyField(fields.reason, { says: 'For the caller’s own notes; not kept.' })
  reason?: string | null;
}
