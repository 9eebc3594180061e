import type { Mode } from '@ringfence/domain/shared/values';
import { publicCommands } from '@ringfence/wire/public-commands';
import { BodyField } from '../../edge/fields.js';

const { fields } = publicCommands.set_account_limits;

/** What is left out stays as it is. */
export class SetAccountLimitsBody {
  @BodyField(fields.mode, { says: 'Whose calls they bound.' })
  mode!: Mode;

  @BodyField(fields.lines_max, { says: 'Calls at the same time, of all keys of the mode together.', example: 500 })
  lines_max?: number | null;

  @BodyField(fields.calls_per_second, { says: 'New calls a second in the long run, of all keys of the mode together.' })
  calls_per_second?: number | null;

  @BodyField(fields.burst_calls, {
    says: 'Calls that may come at once after a rest; as `calls_per_second` where that alone is given.',
  })
  burst_calls?: number | null;

  @BodyField(fields.daily_spend_micros_max, {
    says: 'Money that calls may cost in one local day of the account, reservations included; null: no limit but the balance.',
  })
  daily_spend_micros_max?: string | null;
}
