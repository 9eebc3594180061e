import { scopePresets } from '@ringfence/domain/shared/scopes';
import { publicCommands } from '@ringfence/wire/public-commands';
import { type Command, Option } from 'commander';
import { addFieldOptions, bodyOf, fieldOptions, fieldsWithout, type OptionTexts } from './field-options.js';
import { list, oneOfWords } from '../option-values.js';

const fields = fieldsWithout(publicCommands.change_key_policy.fields, 'key_id');

const texts: OptionTexts<typeof fields> = {
  preset: { description: `scopes by name: ${Object.keys(scopePresets).join(', ')}`, value: 'name' },
  scopes: 'scopes, separated by commas',
  calls_per_second: 'new calls a second in the long run',
  burst_calls: { flag: '--burst', description: 'calls that may come at once after a rest' },
  lines_max: { flag: '--lines', description: 'calls at the same time' },
  daily_spend_micros_max: {
    flag: '--daily-spend-micros',
    description: 'money that its calls may cost in one local day, in millionths',
  },
  destination_prefixes: {
    flag: '--destinations',
    description: 'territories (US) and digits (44) that it may call, separated by commas',
  },
  caller_numbers: 'the only numbers it may show as caller, separated by commas',
  source_cidrs: 'CIDR blocks that requests must come from, separated by commas',
  expires_at: 'when it stops working (RFC 3339)',
  on_revoke: 'what a revocation does to its live calls',
  calls_max: 'calls that it may place in its whole life',
  minutes_max: 'minutes that its calls may talk in its whole life',
  spend_micros_max: 'money that its calls may cost in its whole life, in millionths',
  project: 'the project it is for',
  application: 'the application it is for',
};

/** What a key may do. */
export const policyOptions = fieldOptions(fields, texts);

/** Bounds that can be taken away again, by the names of their options. */
const removable = {
  'daily-spend-micros': 'daily_spend_micros_max',
  destinations: 'destination_prefixes',
  'caller-numbers': 'caller_numbers',
  'source-cidrs': 'source_cidrs',
  'expires-at': 'expires_at',
  'calls-max': 'calls_max',
  'minutes-max': 'minutes_max',
  'spend-micros-max': 'spend_micros_max',
} as const satisfies Readonly<Record<string, keyof typeof fields>>;

type ChangeOptions = Readonly<Record<string, unknown>> & { readonly without?: readonly (keyof typeof removable)[] };

/** The options of a change: those of the policy, and `--without`, which takes bounds away. */
export function addPolicyChange(command: Command): Command {
  const isName = oneOfWords(...Object.keys(removable));
  return addFieldOptions(command, policyOptions).addOption(
    new Option('--without <list>', `take these bounds away: ${Object.keys(removable).join(', ')}`).argParser((text) =>
      list(text).map(isName),
    ),
  );
}

/** Empty: no change was named. */
export function policyChangeOf(options: ChangeOptions): Readonly<Record<string, unknown>> {
  const removed = (options.without ?? []).map((name): readonly [string, null] => [removable[name], null]);
  return { ...Object.fromEntries(removed), ...bodyOf(policyOptions, options) };
}
