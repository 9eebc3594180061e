import type { Mode } from '@ringfence/domain/shared/values';
import { publicCommands } from '@ringfence/wire/public-commands';
import { BodyField } from '../edge/fields.js';
import { PolicyFields } from './policy-fields.js';

const { fields } = publicCommands.issue_key;

/** The fields of every new key, whether a secret or a signature proves its commands. */
export class NewKeyFields extends PolicyFields {
  @BodyField(fields.account_id, {
    description:
      'The account it belongs to; needed with an operator’s key, which may also say `platform` for another operator’s key.',
  })
  account_id?: string | null;

  @BodyField(fields.label, {
    description: 'What people call it; kept as a personal value.',
    example: 'Checkout service',
  })
  label!: string;

  @BodyField(fields.mode, { description: 'A test key reaches the sandbox alone.' })
  mode!: Mode;
}
