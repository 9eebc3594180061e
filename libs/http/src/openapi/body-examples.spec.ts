import 'reflect-metadata';
import { expect, it } from '@jest/globals';
import { publicCommandNames, publicCommands } from '@ringfence/wire/public-commands';
import { commandBody } from '../edge/command-body.js';
import { validatedBody } from '../edge/validated.js';

it.each(publicCommandNames)('%s: its example is valid as it is', (name) => {
  const { example } = publicCommands[name];
  const read: unknown = validatedBody(commandBody(name)).transform(structuredClone(example), { type: 'body' });
  expect(read).toMatchObject(example);
});
