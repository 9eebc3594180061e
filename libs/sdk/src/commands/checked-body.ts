import { type CommandFields, type PublicCommandName, publicCommands } from '@ringfence/wire/public-commands';
import { sdkFailures } from '../sdk-failures.js';

const idPattern = /^[\x20-\x7e]{1,255}$/;

/**
 * Checks a command's form, so that a malformed one is never sent.
 * @throws Failure `command_field_invalid`, which names the field and never its value
 */
export function checkCommand(name: PublicCommandName, body: object, id: string): void {
  if (!idPattern.test(id)) throw sdkFailures.command_field_invalid('id', 'is 1 to 255 printable ASCII characters');
  const fields: CommandFields = publicCommands[name].fields;
  const values = new Map<string, unknown>(Object.entries(body));
  for (const field of values.keys()) {
    if (!Object.hasOwn(fields, field))
      throw sdkFailures.command_field_invalid(
        JSON.stringify(field),
        `is no field of ${name}: ${Object.keys(fields).join(', ')}`,
      );
  }
  for (const [field, { rule, required }] of Object.entries(fields)) {
    const value = values.get(field) ?? null;
    if (value === null ? required : !rule.isValid(value))
      throw sdkFailures.command_field_invalid(field, rule.expectation);
  }
}
