import { spawn } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { cliEnvironment, cliMain, linesOf, ringfence } from './command-line.js';
import { PlatformProcess } from './platform-process.js';

const call = ['calls', 'place', '--from', '+15005550100', '--to', '+15005551000'];

describe('the command line without a key or a server on it', () => {
  let platform: PlatformProcess;
  let home: string;
  const env = () => ({ XDG_CONFIG_HOME: home });
  const credentials = () => join(home, 'ringfence', 'credentials.json');
  const elsewhere = () => join(home, 'no-data');

  /** Runs `ringfence login` with the key on standard input, as a pipe would. */
  const login = async (key: string, ...args: readonly string[]) => {
    const child = spawn(process.execPath, [cliMain, 'login', ...args], {
      env: cliEnvironment(elsewhere(), env()),
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    child.stdin.end(`${key}\n`);
    return new Promise<number | null>((resolve) => child.once('close', resolve));
  };

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'ringfence-home-'));
    platform = await PlatformProcess.start();
  });
  afterAll(async () => {
    await platform.discard();
    await rm(home, { recursive: true, force: true });
  });

  it('finds both in the data folder of a server on this machine: the sandbox key for calls, the admin key for keys', async () => {
    const [placed] = linesOf(await ringfence(platform.dataDir, [...call, '--json'], env()));
    const callId = String(placed?.['id']);
    expect(await ringfence(platform.dataDir, ['calls', 'hangup', callId], env())).toMatchObject({ code: 0, err: '' });
    const keys = await ringfence(
      platform.dataDir,
      ['keys', 'list', '--account', platform.keys.accountId, '--json'],
      env(),
    );
    expect(linesOf(keys).length).toBeGreaterThan(0);
    const usage = await ringfence(platform.dataDir, ['usage', '--by', 'key', '--json'], env());
    expect(linesOf(usage)).toMatchObject([{ account_id: platform.keys.accountId, by: 'key' }]);
    expect((await ringfence(platform.dataDir, ['usage'], env())).out).toMatch(/first-calls/);
  });

  it('says what it lacks where there is neither, with exit code 2', async () => {
    const result = await ringfence(elsewhere(), ['calls', 'list'], env());
    expect(result).toMatchObject({ code: 2, err: expect.stringContaining('ringfence login') });
  });

  it('presents the keys of a data folder to no other server', async () => {
    const result = await ringfence(platform.dataDir, ['calls', 'list', '--url', 'http://127.0.0.1:9'], env());
    expect(result).toMatchObject({ code: 2, err: expect.stringContaining('a key is needed') });
  });

  it('keeps a key for this user alone at login, after the server has accepted it', async () => {
    expect(await login('rf_test_0000000000000000000000000000000000000', '--url', platform.url)).toBe(1);
    expect(await login(platform.keys.sandboxKey, '--url', platform.url)).toBe(0);
    expect((await stat(credentials())).mode & 0o777).toBe(0o600);
    const listed = await ringfence(elsewhere(), ['calls', 'list', '--json'], env());
    expect(listed).toMatchObject({ code: 0, err: '' });
  });

  it('reads no kept key that others may read, and forgets it at logout', async () => {
    await chmod(credentials(), 0o644);
    const exposed = await ringfence(elsewhere(), ['calls', 'list'], env());
    expect(exposed).toMatchObject({ code: 1, out: '', err: expect.stringContaining('(credentials_exposed)') });
    expect(exposed.err).not.toContain('rf_test_');
    await chmod(credentials(), 0o600);
    expect((await ringfence(elsewhere(), ['logout'], env())).code).toBe(0);
    await expect(readFile(credentials())).rejects.toMatchObject({ code: 'ENOENT' });
    expect((await ringfence(elsewhere(), ['logout'], env())).err).toContain('(not_logged_in)');
  });

  it('says its version', async () => {
    expect(await ringfence(elsewhere(), ['--version'], env())).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
  });
});
