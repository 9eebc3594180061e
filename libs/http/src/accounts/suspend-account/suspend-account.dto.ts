import { publicCommands, type SuspensionReasonOffered } from '@ringfence/wire/public-commands';
import { BodyField } from '../../edge/fields.js';

const { fields } = publicCommands.suspend_account;

export class SuspendAccountBody {
  @BodyField(fields.reason, { says: 'Why. New calls are refused from now on and live ones ended.' })
  reason!: SuspensionReasonOffered;
}
