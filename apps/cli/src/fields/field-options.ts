import type { CommandFields } from '@ringfence/wire/public-commands';
import { type Command, InvalidArgumentError, Option } from 'commander';

/** How an option says one field. Without `flag` it is the field's name with hyphens. */
export type OptionText =
  | string
  | {
      readonly description: string;
      readonly flag?: `--${string}`;
      /** Stands between `<` and `>`. */
      readonly value?: string;
      readonly default?: string;
    };
/** A text for each field: a field that is added has no command line until it has one. */
export type OptionTexts<Fields extends CommandFields> = { readonly [Name in keyof Fields]: OptionText };

type FieldOption = { readonly field: string; readonly options: readonly Option[] };
/** The options of one command that become fields of its body. */
export type FieldOptions = readonly FieldOption[];

/**
 * The options of a command's fields: which values are right, and which fields are needed, say the rules that the server
 * applies. A list is separated by commas.
 */
export function fieldOptions<Fields extends CommandFields>(fields: Fields, texts: OptionTexts<Fields>): FieldOptions {
  const textOf: Readonly<Record<string, OptionText | undefined>> = texts;
  return Object.entries(fields).map(([field, { rule, required }]) => {
    const said = textOf[field];
    if (said === undefined) throw new RangeError(`no text for the option of ${field}`);
    const text = typeof said === 'string' ? { description: said } : said;
    const flag = text.flag ?? `--${field.replaceAll('_', '-')}`;
    if (rule.name === 'boolean') return { field, options: switchesOf(flag, text.description) };
    const option = new Option(`${flag} <${text.value ?? placeholderOf(rule)}>`, text.description);
    const values = choicesOf(rule);
    if (values !== undefined) option.choices(values);
    // After `choices`, which brings a parser of its own.
    option.argParser((given: string) => checked(rule, given));
    if (text.default !== undefined) option.default(text.default);
    else if (required) option.makeOptionMandatory();
    return { field, options: [option] };
  });
}

export function addFieldOptions(command: Command, options: FieldOptions): Command {
  for (const { options: each } of options) for (const option of each) command.addOption(option);
  return command;
}

/** The body that the options say; what was not said is left out. */
export function bodyOf(options: FieldOptions, given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  for (const { field, options: each } of options) {
    const [option] = each;
    const value = option === undefined ? undefined : given[option.attributeName()];
    if (value !== undefined) body[field] = value;
  }
  return body;
}

/** The fields that are not among `names`. */
export function fieldsWithout<Fields extends CommandFields, Name extends keyof Fields & string>(
  fields: Fields,
  ...names: readonly Name[]
): Omit<Fields, Name> {
  const left: Partial<Fields> = { ...fields };
  for (const name of names) Reflect.deleteProperty(left, name);
  return left as Omit<Fields, Name>;
}

type Rule = CommandFields[string]['rule'];

function switchesOf(flag: string, description: string): readonly Option[] {
  return [new Option(flag, description), new Option(flag.replace('--', '--no-'), 'the opposite, which is the default')];
}

function checked(rule: Rule, given: string): unknown {
  const value = valueOf(rule, given);
  if (!rule.isValid(value)) throw new InvalidArgumentError(`It ${rule.expectation}.`);
  return value;
}

function valueOf({ name }: Rule, given: string): unknown {
  switch (name) {
    case 'integer':
      return /^\d{1,15}$/.test(given) ? Number(given) : given;
    case 'choices':
    case 'list':
      return given
        .split(',')
        .map((word) => word.trim())
        .filter((word) => word !== '');
    default:
      return given;
  }
}

/** The values that one word may have; undefined: any. */
function choicesOf({ name, schema }: Rule): readonly string[] | undefined {
  const values = schema['enum'];
  if (name !== 'choice' || !Array.isArray(values)) return undefined;
  return values.filter((value) => typeof value === 'string');
}

const placeholders: Readonly<Record<string, string>> = {
  integer: 'n',
  amount_micros: 'micros',
  choices: 'list',
  list: 'list',
  e164: '+number',
  url: 'url',
  moment: 'moment',
  id: 'id',
};

function placeholderOf(rule: Rule): string {
  const values = choicesOf(rule);
  if (values === undefined) return placeholders[rule.name] ?? 'text';
  return values.length <= 3 ? values.join('|') : 'value';
}
