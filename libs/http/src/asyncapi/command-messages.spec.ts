import { describe, expect, it } from '@jest/globals';
import { KeyRing } from '@ringfence/runtime/key-ring';
import { CommandKeys } from '@ringfence/command-transport/signed-commands/command-keys';
import { type CommandFields, publicCommandNames, publicCommands } from '@ringfence/wire/public-commands';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import { SigningClient } from '@ringfence/testing/signing-client';
import { Ajv } from 'ajv';
import { getMetadataStorage } from 'class-validator';
import { commandBody } from '../edge/command-body.js';
import { commandMessages } from './command-messages.js';

function complaintsAbout(schema: unknown, value: unknown): string | null {
  const checker = new Ajv({ strict: false, validateFormats: false });
  return checker.validate(schema as object, value) ? null : checker.errorsText();
}

describe('a command', () => {
  it.each(publicCommandNames)('%s has the same fields on a topic and over HTTP, by the same rules', (name) => {
    const fields: CommandFields = publicCommands[name].fields;
    const checks = getMetadataStorage().getTargetValidationMetadatas(commandBody(name), '', false, false);
    const overHttp = checks.filter(({ name: rule }) => rule !== 'isOptional');
    const { path } = publicCommands[name].route;
    const inPath = Object.keys(fields).filter((field) => path.split('/').includes(`:${field}`));
    expect([...overHttp.map(({ propertyName }) => propertyName), ...inPath].sort()).toEqual(Object.keys(fields).sort());
    for (const { propertyName, name: rule } of overHttp)
      if (rule !== undefined)
        expect(`${propertyName} ${rule}`).toBe(`${propertyName} ${fields[propertyName]?.rule.name ?? ''}`);
  });

  it('is described as a client writes it, and not as it must not', async () => {
    const ids = new PredictableIds();
    const client = await SigningClient.create();
    const [jwk] = new CommandKeys(KeyRing.parse(`one:${Buffer.alloc(32, 7).toString('base64')}`, 'spec')).jwks;
    if (jwk === undefined) throw new Error('a ring has a key');
    const numbers = { from_number: '+15005550100', to_number: '+15005550000' };
    const body = { ...numbers, flow_url: 'https://example.com/flow', record: null };
    const times = { issuedAtS: 1, expiresAtS: 2 };
    const command = { name: 'place_call', id: 'a', subject: ids.accountId(), body, replyTo: '1.a', ...times } as const;
    const { headers, value } = await client.message(ids.keyId(), 'urn:ringfence:log:spec', jwk, command);
    const { PlaceCall } = commandMessages();
    const sent = JSON.parse(Buffer.from(value).toString()) as object;
    expect(complaintsAbout(PlaceCall?.headers, headers)).toBeNull();
    expect(complaintsAbout(PlaceCall?.payload, sent)).toBeNull();
    expect(complaintsAbout(PlaceCall?.payload, { ...sent, to_number: body.to_number })).toMatch(/pattern/);
    expect(complaintsAbout(PlaceCall?.payload, { ...sent, more: 1 })).toMatch(/additional properties/);
    expect(complaintsAbout(PlaceCall?.headers, { ...headers, ce_replyto: 'here' })).toMatch(/pattern/);
  });
});
