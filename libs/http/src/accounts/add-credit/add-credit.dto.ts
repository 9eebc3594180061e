import { publicCommands } from '@ringfence/wire/public-commands';
import { BodyField } from '../../edge/fields.js';

const { fields } = publicCommands.add_credit;

export class AddCreditBody {
  @BodyField(fields.mode, { says: 'The book it goes to.' })
  mode!: 'live' | 'test';

  @BodyField(fields.amount_micros, {
    says: 'Millionths of one unit of the account’s currency; more than 0.',
    example: '5000000',
  })
  amount_micros!: string;

  @BodyField(fields.reference, { says: 'What the money came by: a payment’s reference. Kept as a personal value.' })
  reference?: string | null;
}
