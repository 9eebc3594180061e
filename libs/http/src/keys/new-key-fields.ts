import type { Mode } from '@ringfence/domain/shared/values';
import { publicCommands } from '@ringfence/wire/public-commands';
import { BodyField } from '../edge/fields.js';
import { PolicyFields } from './policy-fields.js';

const { fields } = publicCommands.issue_key;

/** What every new key is told, whatever proves that a command is its own. */
export class NewKeyFields extends PolicyFields {
  @BodyField(fields.account_id, {
    says: 'The account it belongs to; needed with an operator’s key, which may also say `platform` for another operator’s key.',
  })
  account_id?: string | null;

  @BodyField(fields.label, { says: 'What people call it; kept as a personal value.', example: 'Checkout service' })
  label!: string;

  @BodyField(fields.mode, { says: 'A test key reaches the sandbox alone.' })
  mode!: Mode;
}
