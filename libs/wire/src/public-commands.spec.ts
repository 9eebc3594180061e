import { describe, expect, it } from '@jest/globals';
import {
  type CommandBody,
  type CommandField,
  type CommandFields,
  commandNameIn,
  commandTypeOf,
  publicCommandNames,
  publicCommands,
} from './public-commands.js';

describe('the catalogue of public commands', () => {
  it('names each in its type, and reads the name back', () => {
    expect(commandTypeOf('place_call')).toBe('ringfence.command.place_call.v1');
    for (const name of publicCommandNames) expect(commandNameIn(commandTypeOf(name))).toBe(name);
  });

  it.each([
    'ringfence.command.place_call.v2',
    'ringfence.command.outcome.v1',
    'ringfence.command.toString.v1',
    'ringfence.wish.place_call.v1',
    'ringfence.command.place_call',
    'xringfence.command.place_call.v1',
  ])('knows no %s', (type) => {
    expect(commandNameIn(type)).toBeUndefined();
  });

  it('has free text and numbers in personal fields alone', () => {
    const open = publicCommandNames.flatMap((name) => {
      const fields: CommandFields = publicCommands[name].fields;
      return Object.entries(fields).flatMap(([field, { rule, personal }]) => {
        const takes = [sayings, '+15005550100', 'https://example.com/a', ['+15005550100']].some(rule.isValid);
        return takes && !personal ? [`${name}.${field}`] : [];
      });
    });
    expect(open).toEqual([]);
  });

  it.each(publicCommandNames)('%s is named after its command, and has what its path names', (name) => {
    const { commandType, route, fields } = publicCommands[name];
    expect(name).toBe(commandType.replaceAll(/\B[A-Z]/g, (capital) => `_${capital}`).toLowerCase());
    const required = Object.entries<CommandField<unknown>>(fields).flatMap(([field, rules]) =>
      rules.required ? [field] : [],
    );
    const inPath = route.path.split('/').flatMap((part) => (part.startsWith(':') ? [part.slice(1)] : []));
    expect(['subject', ...required]).toEqual(expect.arrayContaining(inPath));
  });

  it('types a body by its fields', () => {
    const body: CommandBody<'rotate_key'> = { key_id: 'key_01K9Z000000000000000000000' };
    // @ts-expect-error -- a required field is missing
    const lacking: CommandBody<'rotate_key'> = { overlap_seconds: 3 };
    // @ts-expect-error -- no number
    const wrong: CommandBody<'rotate_key'> = { ...body, overlap_seconds: 'long' };
    expect([body, lacking, wrong]).toHaveLength(3);
  });
});

const sayings = 'Call Mrs Example back';
