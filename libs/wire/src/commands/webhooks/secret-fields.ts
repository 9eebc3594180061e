import { idText, singleLine } from '../../field-rule.js';
import { required } from '../command-field.js';
import { type PlainResult, textIn } from '../command-result.js';
import { nameCharactersMax } from '../shared-rules.js';

/** The secret that a command is about. */
export const secretNamed = { secret_id: required(idText('sec'), 'The secret.') };
export const secretName = singleLine(nameCharactersMax);

type OfSecret = { readonly secretId: string };
/** `secret`: the value, shown once, with the first outcome; null: it was shown before, or stayed as it was. */
type OfSecretWithValue = OfSecret & { readonly secret: string | null };

export function ofSecret({ ids }: PlainResult): OfSecret {
  return { secretId: textIn(ids, 'secret_id') };
}

export function ofSecretWithValue(result: PlainResult): OfSecretWithValue {
  return { ...ofSecret(result), secret: result.secret };
}
