import type { CommandFields } from '@ringfence/wire/public-commands';
import { type Command, InvalidArgumentError, Option } from 'commander';

type FieldOption = { readonly field: string; readonly options: readonly Option[] };
/** The options of one command that become fields of its body. */
export type FieldOptions = readonly FieldOption[];

/** Options that are shorter than the names of their fields. */
const shortNames: Readonly<Record<string, string>> = {
  from_number: 'from',
  to_number: 'to',
  leg_id: 'leg',
  burst_calls: 'burst',
  lines_max: 'lines',
  daily_spend_micros_max: 'daily-spend-micros',
  destination_prefixes: 'destinations',
  effective_from: 'from',
  effective_until: 'until',
  account_id: 'account',
};

export function optionNameOf(field: string): string {
  return shortNames[field] ?? field.replaceAll('_', '-');
}

/**
 * The options of a command's fields, from its definition: description, valid values, and which are required. Lists are
 * separated by commas.
 * @param defaults values that the command line sends for omitted fields
 */
export function fieldOptions<Fields extends CommandFields>(
  fields: Fields,
  defaults: { readonly [Name in keyof Fields]?: string } = {},
): FieldOptions {
  const defaultOf: Readonly<Record<string, string | undefined>> = defaults;
  return Object.entries(fields).map(([field, { rule, required, ...documented }]) => {
    const flag = `--${optionNameOf(field)}`;
    const description = textFor(documented);
    if (rule.name === 'boolean') return { field, options: switchesOf(flag, description) };
    const option = new Option(`${flag} <${placeholderOf(rule)}>`, description);
    const values = choicesOf(rule);
    if (values !== undefined) option.choices(values);
    // After `choices`, which sets its own parser.
    option.argParser((given: string) => checked(rule, given));
    const sent = defaultOf[field];
    if (sent !== undefined) option.default(sent);
    else if (required) option.makeOptionMandatory();
    return { field, options: [option] };
  });
}

/** A field's description in the style of command line help: no capital, no full stop. */
function textFor({ description, default: value }: Pick<CommandFields[string], 'description' | 'default'>): string {
  const text = description
    .replace(/^[A-Z](?=[a-z ])/, (letter) => letter.toLowerCase())
    .replace(/\.$/, '')
    .replaceAll('null: ', 'without it: ');
  return value === undefined ? text : `${text} (default: ${String(value)})`;
}

export function addFieldOptions(command: Command, options: FieldOptions): Command {
  for (const { options: each } of options) for (const option of each) command.addOption(option);
  return command;
}

/** The body that the given options make; omitted options are left out. */
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

/** The values that a field may have; undefined: any. */
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
