import { publicCommands } from '@ringfence/wire/public-commands';
import { BodyField } from '../../edge/fields.js';

const { fields } = publicCommands.change_time_zone;

export class ChangeTimeZoneBody {
  @BodyField(fields.time_zone, { says: 'IANA name of the zone of its day boundaries.', example: 'America/New_York' })
  time_zone!: string;
}
