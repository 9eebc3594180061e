import { expect, it } from '@jest/globals';
import { CommandKeys } from '@ringfence/command-transport/signed-commands/command-keys';
import { SealedBodies } from '@ringfence/command-transport/signed-commands/sealed-body';
import { KeyRing } from '@ringfence/runtime/key-ring';
import { generateKeyPairSync } from 'node:crypto';
import { CommandSigner } from './command-signer.js';

it('a signed command carries objects encrypted, and the platform reads what was meant', async () => {
  const keys = new CommandKeys(KeyRing.parse(`one:${Buffer.alloc(32, 7).toString('base64')}`, 'spec'));
  const [encryption] = keys.jwks;
  if (encryption === undefined) throw new Error('a ring has a key');
  const privateKey = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const signedFor = { audience: 'spec', source: 'spec', validForMs: 60_000, encryption };
  const signer = await CommandSigner.make({ keyId: 'key_00000000000000000000000001', privateKey }, signedFor);
  const subject = 'acc_00000000000000000000000001';
  const body = {
    name: 'Office',
    authentication_type: 'credential',
    auth_credential: { username: 'office', password: 'open sesame 9' },
    inbound_route: null,
  } as const;
  const command = { name: 'create_sip_trunk', body, id: 'one trunk', subject } as const;
  const { value } = await signer.record(command, '0.point.asking', { kty: 'OKP', crv: 'X25519', x: 'A'.repeat(43) });
  const text = Buffer.from(value).toString();
  for (const clear of ['Office', 'office', 'open sesame 9']) expect(text).not.toContain(`"${clear}"`);
  expect(await new SealedBodies(keys).read('create_sip_trunk', value, subject)).toEqual({ body });
  const entries = { name: 'Office', addresses: [{ address: '203.0.113.7' }, { address: '2001:db8::7' }] };
  const list = { name: 'create_ip_list', body: entries, id: 'one list', subject } as const;
  const record = await signer.record(list, '0.point.asking', { kty: 'OKP', crv: 'X25519', x: 'A'.repeat(43) });
  expect(await new SealedBodies(keys).read('create_ip_list', record.value, subject)).toEqual({ body: entries });
});
