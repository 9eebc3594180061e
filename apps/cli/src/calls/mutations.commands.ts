import { publicCommands } from '@ringfence/wire/public-commands';
import type { Command } from 'commander';
import { addFieldOptions, bodyOf, fieldOptions, type FieldOptions, fieldsWithout } from '../fields/field-options.js';
import { type Repeatable, withIdempotencyKey } from '../option-values.js';
import { type JsonAnswer, textOr } from '../server/json-reading.js';
import type { Shell } from '../shell.js';
import { printDone } from '../terminal/records.js';

type Given = Readonly<Record<string, unknown>> & Repeatable;
type Mutation = {
  readonly name: string;
  readonly description: string;
  readonly operation: 'muteLeg' | 'sendDigits' | 'playMedia';
  readonly options: FieldOptions;
  readonly done: (answer: JsonAnswer, callId: string) => string;
};

const mutations: readonly Mutation[] = [
  {
    name: 'mute',
    description: 'mute the party of a leg, or end that: --on, --no-on',
    operation: 'muteLeg',
    options: fieldOptions(fieldsWithout(publicCommands.mute_leg.fields, 'call_id')),
    done: (_answer, callId) => `${callId}: the carrier is asked to do it`,
  },
  {
    name: 'dtmf',
    description: 'send digits as tones',
    operation: 'sendDigits',
    options: fieldOptions(fieldsWithout(publicCommands.send_digits.fields, 'call_id')),
    done: (_answer, callId) => `${callId}: the digits are sent`,
  },
  {
    name: 'play',
    description: 'play a file over what the flow does',
    operation: 'playMedia',
    options: fieldOptions(fieldsWithout(publicCommands.play_media.fields, 'call_id')),
    done: (answer, callId) => `${callId}: playback ${textOr(answer, 'playback_id', '')}`,
  },
];

/** Subcommands that act on a live call. */
export function mutateCalls(calls: Command, shell: Shell): void {
  for (const { name, description, operation, options, done } of mutations) {
    const command = calls.command(`${name} <cs_…>`).description(description);
    withIdempotencyKey(addFieldOptions(command, options)).action(async (call_id: string, given: Given) => {
      const { idempotencyKey, ...fields } = given;
      const asked = { path: { call_id }, body: bodyOf(options, fields), idempotencyKey };
      const answer = await (await shell.api('account')).ask(operation, asked);
      printDone(shell, answer, done(answer, call_id));
    });
  }
}
