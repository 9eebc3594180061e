import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sharedTopics } from '@ringfence/testing/kafka/shared-broker';
import { wanted } from './test-accounts.js';
import { PlatformProcess } from './platform-process.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);
const startWithinMs = 240_000;
/** npm runs with the Node.js that runs this, whatever else the machine has. */
const env = { ...process.env, PATH: [dirname(process.execPath), process.env['PATH']].join(':') };

/** A user's own program; its types are checked too. */
const program = `
import { MemoryCheckpoints, RingfenceClient, type Outcome, type RingfenceEvent } from '@ringfence/sdk';
const { URL_, API_KEY, ACCOUNT, BROKERS, KEY_ID, PRIVATE_KEY } = process.env as Record<string, string>;
const client = await RingfenceClient.open({
  account: ACCOUNT ?? '',
  http: { url: URL_ ?? '', apiKey: API_KEY ?? '' },
  kafka: { brokers: [BROKERS ?? ''], signingKey: { keyId: KEY_ID ?? '', privateKey: PRIVATE_KEY ?? '' } },
});
const outcome: Outcome<{ readonly callId: string }> = await client.send('place_call', {
  from_number: '+15005550100', to_number: '+15005550000',
});
if (outcome.status !== 'accepted') throw new Error(JSON.stringify(outcome));
const charged = await new Promise<bigint>((resolve, reject) => {
  const onEvent = ({ data }: RingfenceEvent) => {
    if (data.type === 'CallCompleted' && data.callId === outcome.result.callId) resolve(data.chargedMicros);
  };
  client.consume({ checkpoints: new MemoryCheckpoints(), onEvent }).catch(reject);
});
console.log(outcome.result.callId, String(charged));
await client.close();
`;
/** Code that must not compile: types that are all \`any\` would accept it. */
const wrong = `
import { RingfenceClient } from '@ringfence/sdk';
const client = await RingfenceClient.open({ account: 'acc' });
await client.send('place_call', { from_number: 1 });
`;

let platform: PlatformProcess;
let folder: string;
let brokers: readonly string[];

describe('the package of the SDK', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ringfence-package-'));
    const shared = await sharedTopics(basename(folder));
    brokers = shared.brokers;
    platform = await PlatformProcess.start({
      env: {
        KAFKA_BROKERS: brokers.join(','),
        RINGFENCE_TOPIC_PREFIX: shared.topicPrefix,
        RINGFENCE_SANDBOX_SPEED: '100',
      },
    });
    await run('npm', ['pack', '--pack-destination', folder], { cwd: join(root, 'libs/sdk'), env });
    const [tarball = ''] = (await readdir(folder)).filter((name) => name.endsWith('.tgz'));
    await writeFile(join(folder, 'package.json'), '{"name":"a-user","private":true,"type":"module"}');
    const install = ['install', '--no-audit', '--no-fund', '--prefer-offline', join(folder, tarball)];
    await run('npm', install, { cwd: folder, env });
  }, startWithinMs);
  afterAll(async () => {
    await platform.discard();
    await rm(folder, { recursive: true, force: true });
  });

  it('needs nothing but what it says it depends on', async () => {
    const home = join(folder, 'node_modules/@ringfence/sdk');
    const manifest = JSON.parse(await readFile(join(home, 'package.json'), 'utf8')) as Record<string, object>;
    const dependencies = Object.keys(manifest['dependencies'] ?? {});
    const code = await readFile(join(home, 'bundle/main.js'), 'utf8');
    const imported = [...code.matchAll(/^import [^'"]*['"]([^'"]+)['"]/gm)].map(([, from = '']) => from);
    expect(imported.length).toBeGreaterThan(3);
    expect(imported.filter((from) => !isBuiltin(from) && !dependencies.includes(from))).toEqual([]);
    expect(await readdir(join(folder, 'node_modules/@ringfence'))).toEqual(['sdk']);
    expect(await readdir(home)).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'bundle', 'package.json']));
  });

  it('places a call over Kafka and reads what it cost, in an empty folder, with its types checked', async () => {
    await writeFile(join(folder, 'program.mts'), program);
    await writeFile(join(folder, 'wrong.mts'), wrong);
    const options = [
      '--strict',
      '--skipLibCheck',
      '--target',
      'es2023',
      '--module',
      'nodenext',
      '--types',
      'node',
      '--typeRoots',
      join(root, 'node_modules/@types'),
    ];
    const tsc = (file: string) =>
      run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), ...options, file], { cwd: folder });
    await tsc('program.mts').catch((failure: unknown) => {
      throw new Error(String((failure as { readonly stdout?: string }).stdout));
    });
    await expect(tsc('wrong.mts')).rejects.toMatchObject({ stdout: expect.stringMatching(/^wrong\.mts\(4,/) });
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const { kty, crv, x } = publicKey.export({ format: 'jwk' });
    const { accountId, adminKey } = platform.keys;
    const key = {
      account_id: accountId,
      label: 'package',
      mode: 'test',
      scopes: ['calls:write'],
      public_key: { kty, crv, x },
    };
    const { id } = await wanted(platform, 'POST', '/api/v1/signing-keys', key);
    const settings = {
      URL_: platform.url,
      API_KEY: adminKey,
      ACCOUNT: accountId,
      BROKERS: brokers.join(','),
      KEY_ID: String(id),
      PRIVATE_KEY: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    };
    const { stdout } = await run(process.execPath, ['program.mjs'], { cwd: folder, env: { ...env, ...settings } });
    expect(stdout).toMatch(/^cs_\w{26} 2000\n$/);
  }, 120_000);
});
