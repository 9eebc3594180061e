import { modes } from '@ringfence/domain/platform/values';
import { Choice, Text } from '../edge/fields.js';
import { PolicyFields } from './policy.dto.js';

/** `platform`: an operators' key. */
export const keyHomePattern = /^(platform|acc_[0-7][0-9A-HJKMNP-TV-Z]{25})$/;

/** What every new key is told, whatever proves that a command is its own. */
export class NewKeyFields extends PolicyFields {
  @Text({
    says: 'The account it belongs to; needed with an operator’s key, which may also say `platform` for another operator’s key.',
    charactersMax: 40,
    pattern: keyHomePattern,
  })
  account_id?: string | null;

  @Text({
    says: 'What people call it; kept as a personal value.',
    example: 'Checkout service',
    charactersMax: 200,
    required: true,
  })
  label!: string;

  @Choice({ says: 'A test key reaches the sandbox alone.', of: modes, required: true })
  mode!: 'live' | 'test';
}
