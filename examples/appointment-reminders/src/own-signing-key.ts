import { generateKeyPairSync } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RingfenceClient, type SigningKey } from '@ringfence/sdk';

type Operator = { readonly url: string; readonly apiKey: string };

const keyFile = 'signing-key.json';

/**
 * The signing key of this service: made and registered the first time, the same from then on. The private half never
 * leaves its folder.
 */
export async function ownSigningKey(ownDir: string, account: string, operator: Operator): Promise<SigningKey> {
  const path = join(ownDir, keyFile);
  const kept = await readFile(path, 'utf8').catch(() => undefined);
  if (kept !== undefined) return JSON.parse(kept) as SigningKey;
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const { x = '' } = publicKey.export({ format: 'jwk' });
  const client = await RingfenceClient.open({ account, http: operator });
  const registered = await client.send('register_signing_key', {
    account_id: account,
    label: 'Appointment reminders',
    mode: 'test',
    scopes: ['calls:write'],
    calls_per_second: 10,
    burst_calls: 10,
    lines_max: 10,
    application: 'reminders',
    public_key: { kty: 'OKP', crv: 'Ed25519', x },
  });
  await client.close();
  if (registered.status !== 'accepted') throw new Error(`the signing key was not registered: ${registered.detail}`);
  const key = {
    keyId: registered.result.keyId,
    privateKey: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  };
  await mkdir(ownDir, { recursive: true, mode: 0o700 });
  await writeFile(path, JSON.stringify(key), { mode: 0o600, flag: 'wx' });
  return key;
}
