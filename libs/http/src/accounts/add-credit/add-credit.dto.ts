import { modes } from '@ringfence/domain/platform/values';
import { AmountMicros, Choice, Text } from '../../edge/fields.js';

export class AddCreditBody {
  @Choice({ says: 'The book it goes to.', of: modes, required: true })
  mode!: 'live' | 'test';

  @AmountMicros({
    says: 'Millionths of one unit of the account’s currency; more than 0.',
    example: '5000000',
    required: true,
  })
  amount_micros!: string;

  @Text({ says: 'What the money came by: a payment’s reference. Kept as a personal value.', charactersMax: 200 })
  reference?: string | null;
}
