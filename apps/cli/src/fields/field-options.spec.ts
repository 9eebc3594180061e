import { describe, expect, it } from '@jest/globals';
import { publicCommands } from '@ringfence/wire/public-commands';
import { Command } from 'commander';
import { addFieldOptions, bodyOf, fieldOptions, fieldsWithout } from './field-options.js';
import { addPolicyChange, policyChangeOf, policyOptions } from './policy-options.js';

const rotation = fieldOptions(fieldsWithout(publicCommands.rotate_key.fields, 'key_id'));
const credit = fieldOptions(publicCommands.add_credit.fields);
const suspension = fieldOptions(publicCommands.suspend_account.fields, { reason: 'requested' });

function given(line: string, add: (command: Command) => Command): Record<string, unknown> {
  const command = add(new Command('test'))
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  command.parse(line === '' ? [] : line.split(' '), { from: 'user' });
  return command.opts();
}
const body = (options: typeof credit, line: string) =>
  bodyOf(
    options,
    given(line, (command) => addFieldOptions(command, options)),
  );

describe('options that fields make', () => {
  it('become the fields of a body, in the types that the API has them in', () => {
    expect(body(rotation, '--overlap-seconds 0')).toEqual({ overlap_seconds: 0 });
    expect(body(rotation, '')).toEqual({});
    expect(body(credit, '--mode test --amount-micros 5 --reference r1')).toEqual({
      mode: 'test',
      amount_micros: '5',
      reference: 'r1',
    });
  });

  it('are needed where the field is', () => {
    expect(() => body(credit, '--mode test')).toThrow('--amount-micros <micros>');
  });

  it('have the command line’s default where it sets one', () => {
    expect(body(suspension, '')).toEqual({ reason: 'requested' });
    expect(body(suspension, '--reason fraud')).toEqual({ reason: 'fraud' });
  });

  it('say what the definition of the command says', () => {
    const help = addFieldOptions(new Command('test'), rotation).helpInformation();
    expect(help).toContain('--overlap-seconds <n>');
    expect(help.replaceAll(/\s+/g, ' ')).toContain('how long the old secret stays good; never beyond');
    expect(help.replaceAll(/\s+/g, ' ')).toContain('0: not at all (default: 3600)');
  });

  it('are refused where the server would refuse the field, with the expected form', () => {
    expect(() => body(rotation, '--overlap-seconds 2592001')).toThrow('a whole number from 0 to 2592000');
    expect(() => body(rotation, '--overlap-seconds many')).toThrow('a whole number');
    expect(() => body(credit, '--mode both --amount-micros 5')).toThrow('one of live, test');
    expect(() => body(credit, '--mode test --amount-micros 1.5')).toThrow('millionths');
  });

  it('have every field of a policy', () => {
    const line =
      '--preset x --scopes calls:read,keys:read --calls-per-second 2 --burst 5 --lines 10 --daily-spend-micros 7 --destinations US,44 --caller-numbers +15005550100 --source-cidrs 10.0.0.0/8 --expires-at 2030-01-01T00:00:00Z --on-revoke drain --calls-max 1 --minutes-max 2 --spend-micros-max 3 --project p --application a';
    expect(body(policyOptions, line.replace('--preset x ', ''))).toEqual({
      scopes: ['calls:read', 'keys:read'],
      calls_per_second: 2,
      burst_calls: 5,
      lines_max: 10,
      daily_spend_micros_max: '7',
      destination_prefixes: ['US', '44'],
      caller_numbers: ['+15005550100'],
      source_cidrs: ['10.0.0.0/8'],
      expires_at: '2030-01-01T00:00:00Z',
      on_revoke: 'drain',
      calls_max: 1,
      minutes_max: 2,
      spend_micros_max: '3',
      project: 'p',
      application: 'a',
    });
  });

  it('remove a bound of a policy', () => {
    const options = given('--lines 3 --without daily-spend-micros,expires-at', addPolicyChange);
    expect(policyChangeOf(options)).toEqual({ lines_max: 3, daily_spend_micros_max: null, expires_at: null });
    expect(() => given('--without lines', addPolicyChange)).toThrow('One of daily-spend-micros');
  });
});
