import 'reflect-metadata';
import { expect, it } from '@jest/globals';
import { commandBodies } from '../asyncapi/command-bodies.js';
import { validatedBody } from '../edge/validated.js';
import { bodyExamples } from './body-examples.js';

const bodies = [...new Set(Object.values(commandBodies))];

it('gives an example for the body of every command, and for nothing else', () => {
  expect(Object.keys(bodyExamples).sort()).toEqual(bodies.map(({ name }) => name).sort());
});

it.each(bodies.map((body) => [body.name, body] as const))('%s: its example is right as it stands', (name, body) => {
  const example: unknown = structuredClone(bodyExamples[name]);
  expect(validatedBody(body).transform(example, { type: 'body' })).toMatchObject(bodyExamples[name] ?? {});
});
