import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PlatformProcess } from './platform-process.js';

const run = promisify(execFile);
const startWithinMs = 240_000;
const env = { ...process.env, PATH: [dirname(process.execPath), process.env['PATH']].join(':') };

/** The README's own call, through types that a stranger generates. */
const inTypeScript = `
import createClient from 'openapi-fetch';
import type { paths } from './api.d.ts';
const { URL_, API_KEY } = process.env;
const client = createClient<paths>({ baseUrl: URL_ ?? '', headers: { 'x-api-key': API_KEY ?? '' } });
const { data, error } = await client.POST('/api/v1/voice/calls/initiate', {
  body: { from_number: '+15005550100', to_number: '+15005550000' },
});
if (data === undefined) throw new Error(JSON.stringify(error));
const { data: hungUp } = await client.POST('/api/v1/voice/calls/{call_id}/hangup', {
  params: { path: { call_id: data.id } },
  body: {},
});
const warned: string[] = data.warnings.map(({ code }) => code);
console.log(JSON.stringify({ id: data.id, warned, hungUp: hungUp !== undefined }));
`;
/** Code that must not compile: types that are all \`any\` would accept it. */
const wrong = `
import createClient from 'openapi-fetch';
import type { paths } from './api.d.ts';
void createClient<paths>({ baseUrl: '' }).POST('/api/v1/voice/calls/initiate', { body: { from_number: 1 } });
`;
const inPython = `
import json, os
from ringfence_client import AuthenticatedClient
from ringfence_client.api.calls import hang_up_call, initiate_call
from ringfence_client.models import CallCreation, HangUpCallBody, PlaceCallBody
client = AuthenticatedClient(base_url=os.environ["URL_"], token=os.environ["API_KEY"])
body = PlaceCallBody(from_number="+15005550100", to_number="+15005550000")
call = initiate_call.sync(client=client, body=body)
assert isinstance(call, CallCreation), call
hung_up = hang_up_call.sync(call.id, client=client, body=HangUpCallBody())
print(json.dumps({"id": call.id, "warned": [str(w.code.value) for w in call.warnings], "hungUp": hung_up is not None}))
`;
const placed = { id: expect.stringMatching(/^cs_/), warned: [], hungUp: true };

let platform: PlatformProcess;
let folder: string;

/** The document as the server gives it, not the copy in docs. */
describe('a client generated from /api/docs/openapi.json', () => {
  const inFolder = (command: string, ...args: readonly string[]) =>
    run(command, [...args], {
      cwd: folder,
      env: { ...env, URL_: platform.url, API_KEY: platform.keys.sandboxKey, PYTHONPATH: join(folder, 'python') },
    });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ringfence-generated-'));
    platform = await PlatformProcess.start();
    await writeFile(join(folder, 'openapi.json'), await (await fetch(`${platform.url}/api/docs/openapi.json`)).text());
  }, startWithinMs);
  afterAll(async () => {
    await platform.discard();
    await rm(folder, { recursive: true, force: true });
  });

  it(
    'in TypeScript compiles against the README’s call under --strict, and places it',
    async () => {
      await writeFile(join(folder, 'package.json'), '{"name":"a-user","private":true,"type":"module"}');
      await writeFile(join(folder, 'right.ts'), inTypeScript);
      await writeFile(join(folder, 'wrong.ts'), wrong);
      const packages = ['openapi-typescript@7.13.0', 'openapi-fetch@0.17.0', 'typescript@5.9.3', '@types/node@22.20.7'];
      await inFolder('npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', ...packages);
      await inFolder('npx', 'openapi-typescript', 'openapi.json', '-o', 'api.d.ts');
      const tsc = ['tsc', '--strict', '--module', 'nodenext', '--target', 'es2022'];
      await inFolder('npx', ...tsc, 'right.ts');
      const { stdout } = await inFolder('node', 'right.js');
      expect(JSON.parse(stdout)).toEqual(placed);
      await expect(inFolder('npx', ...tsc, '--noEmit', 'wrong.ts')).rejects.toMatchObject({
        stdout: expect.stringMatching(/^wrong\.ts\(4,\d+\): error TS2322/),
      });
    },
    startWithinMs,
  );

  it(
    'in Python compiles, and places the same call',
    async () => {
      await writeFile(join(folder, 'place.py'), inPython);
      await inFolder('python3', '-m', 'venv', 'venv');
      const [pip, python, generate] = ['pip', 'python', 'openapi-python-client'].map((name) =>
        join(folder, 'venv/bin', name),
      );
      await inFolder(pip ?? '', 'install', '--quiet', '--disable-pip-version-check', 'openapi-python-client==0.29.1');
      await writeFile(join(folder, 'generator.json'), '{"post_hooks":[]}');
      const { stdout, stderr } = await inFolder(
        generate ?? '',
        'generate',
        '--path',
        'openapi.json',
        '--output-path',
        'python',
        '--config',
        'generator.json',
      );
      expect(`${stdout}${stderr}`).not.toMatch(/warning|error/i);
      await inFolder(python ?? '', '-m', 'compileall', '-q', 'python');
      expect(JSON.parse((await inFolder(python ?? '', 'place.py')).stdout)).toEqual(placed);
    },
    startWithinMs,
  );
});
