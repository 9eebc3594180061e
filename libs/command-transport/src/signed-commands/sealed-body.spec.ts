import { describe, expect, it } from '@jest/globals';
import { sealedValue } from '@ringfence/testing/signing-client';
import { KeyRing } from '@ringfence/runtime/key-ring';
import { CommandKeys } from './command-keys.js';
import { SealedBodies } from './sealed-body.js';

const keys = new CommandKeys(KeyRing.parse(`one:${Buffer.alloc(32, 7).toString('base64')}`, 'spec'));
const [encryption] = keys.jwks;
const account = 'acc_00000000000000000000000001';
const other = 'acc_00000000000000000000000002';
const call = { from_number: '+15005550100', to_number: '+15005550000', flow_url: 'https://example.com/flow' };

/** A key ring that counts what is opened. */
class Counted {
  readonly opened: string[] = [];

  open(jwe: string, subject: string): Promise<string | undefined> {
    this.opened.push(jwe);
    return keys.open(jwe, subject);
  }
}

async function sealed(subject: string): Promise<Record<string, string>> {
  if (encryption === undefined) throw new Error('a ring has a key');
  const members = Object.entries(call).map(
    async ([field, value]) => [field, await sealedValue(value, subject, encryption)] as const,
  );
  return Object.fromEntries(await Promise.all(members));
}

async function sealedFor(value: string): Promise<string> {
  if (encryption === undefined) throw new Error('a ring has a key');
  return sealedValue(value, account, encryption);
}

const bytes = (body: object) => Buffer.from(JSON.stringify(body));

describe('the value of a signed command', () => {
  it('is opened once, however often its sender sends the same ciphertext', async () => {
    const counted = new Counted();
    const bodies = new SealedBodies(counted);
    const body = await sealed(account);
    for (let time = 0; time < 3; time += 1)
      expect(await bodies.read('place_call', bytes(body), account)).toEqual({ body: call });
    expect(counted.opened).toHaveLength(Object.keys(call).length);
  });

  it('is nothing that another account could have opened, though it was opened for its own before', async () => {
    const bodies = new SealedBodies(new Counted());
    const body = await sealed(account);
    await bodies.read('place_call', bytes(body), account);
    const stolen = { ...(await sealed(other)), to_number: body['to_number'] };
    expect(await bodies.read('place_call', bytes(stolen), other)).toMatchObject({ code: 'personal_value_unreadable' });
  });

  it('has no member twice, for another reader of it may take the other one', async () => {
    const counted = new Counted();
    const text = JSON.stringify(await sealed(account));
    const twice = Buffer.from(text.replace('{', '{"record":true,"record":false,'));
    expect(await new SealedBodies(counted).read('place_call', twice, account)).toEqual({
      code: 'command_field_invalid',
      detail: 'the value has each of its members once',
    });
    expect(counted.opened).toEqual([]);
  });

  it('has objects as their JSON text, each in one ciphertext, and caches none of them', async () => {
    const counted = new Counted();
    const bodies = new SealedBodies(counted);
    const addresses = [{ address: '203.0.113.7', description: 'e\u0301' }, { address: '2001:db8::7' }];
    const data = bytes({
      name: await sealedFor('Office'),
      addresses: await Promise.all(addresses.map((entry) => sealedFor(JSON.stringify(entry)))),
    });
    for (let time = 0; time < 2; time += 1)
      expect(await bodies.read('create_ip_list', data, account)).toEqual({
        body: { name: 'Office', addresses: [{ address: '203.0.113.7', description: '\u00e9' }, addresses[1]] },
      });
    expect(counted.opened).toHaveLength(1 + 2 * addresses.length);
  });

  it.each([
    ['clear objects', [{ address: '203.0.113.7' }], 'personal_value_in_clear'],
    ['text that is no JSON', ['203.0.113.7'], 'command_field_invalid'],
    ['JSON that is no object', ['"203.0.113.7"'], 'command_field_invalid'],
    ['a member twice', ['{"address":"203.0.113.7","address":"203.0.113.8"}'], 'command_field_invalid'],
    ['a member too much', ['{"address":"203.0.113.7","note":"x"}'], 'command_field_invalid'],
  ])('has no objects in the form of %s', async (_, entries, code) => {
    const addresses = await Promise.all(
      entries.map((entry) => (typeof entry === 'string' ? sealedFor(entry) : Promise.resolve(entry))),
    );
    const data = bytes({ name: await sealedFor('Office'), addresses });
    expect(await new SealedBodies(new Counted()).read('create_ip_list', data, account)).toMatchObject({ code });
  });

  it('is tried again when it could not be opened', async () => {
    const counted = new Counted();
    const bodies = new SealedBodies(counted);
    const body = await sealed(other);
    for (let time = 0; time < 2; time += 1)
      expect(await bodies.read('place_call', bytes(body), account)).toMatchObject({
        code: 'personal_value_unreadable',
      });
    expect(counted.opened).toHaveLength(2 * Object.keys(call).length);
  });
});
