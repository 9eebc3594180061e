import { publicCommands } from '@ringfence/wire/public-commands';
import { type Command, Option } from 'commander';
import { addFieldOptions, bodyOf, fieldOptions, fieldsWithout, optionNameOf } from './field-options.js';
import { list, oneOfWords } from '../option-values.js';

const fields = fieldsWithout(publicCommands.change_key_policy.fields, 'key_id');

/** Options for a key's policy. */
export const policyOptions = fieldOptions(fields);

/** Bounds that can be removed again, by the names of their options. */
const removable = new Map(
  (
    [
      'daily_spend_micros_max',
      'destination_prefixes',
      'caller_numbers',
      'source_cidrs',
      'expires_at',
      'calls_max',
      'minutes_max',
      'spend_micros_max',
    ] as const satisfies readonly (keyof typeof fields)[]
  ).map((field) => [optionNameOf(field), field]),
);

type ChangeOptions = Readonly<Record<string, unknown>> & { readonly without?: readonly string[] };

/** Adds the options of a change: those of the policy, and `--without`, which removes bounds. */
export function addPolicyChange(command: Command): Command {
  const names = [...removable.keys()];
  const named = oneOfWords(...names);
  return addFieldOptions(command, policyOptions).addOption(
    new Option('--without <list>', `remove these bounds: ${names.join(', ')}`).argParser((text) =>
      list(text).map(named),
    ),
  );
}

/** The body of a change; empty if no change was named. */
export function policyChangeOf(options: ChangeOptions): Readonly<Record<string, unknown>> {
  const removed = (options.without ?? []).map((name): readonly [string, null] => [removable.get(name) ?? name, null]);
  return { ...Object.fromEntries(removed), ...bodyOf(policyOptions, options) };
}
