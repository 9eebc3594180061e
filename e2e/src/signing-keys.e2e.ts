import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openAccount, wanted } from './test-accounts.js';
import { ofType, readLog } from './log-reader.js';
import { PlatformProcess } from './platform-process.js';

const path = '/api/v1/signing-keys';
const jwkOf = () => {
  const { kty, crv, x } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
  return { kty, crv, x };
};
const fieldsOf = (accountId: string, change: object = {}) => ({
  account_id: accountId,
  label: 'Night batch',
  mode: 'test',
  preset: 'Make calls',
  public_key: jwkOf(),
  ...change,
});

describe('a signing key over HTTP', () => {
  let platform: PlatformProcess;
  let accountId: string;
  beforeAll(async () => {
    platform = await PlatformProcess.start();
    accountId = await openAccount(platform, 'Signing');
  });
  afterAll(async () => {
    await platform.discard();
  });

  const asked = (method: string, to: string, body?: unknown, headers = {}) =>
    platform.ask(platform.keys.adminKey, method, to, body, headers);

  it('is registered once under an Idempotency-Key, and the answer holds no credential', async () => {
    const body = fieldsOf(accountId);
    const id = { 'idempotency-key': 'register-1' };
    const first = await asked('POST', path, body, id);
    expect([first.status, first.json]).toMatchObject([
      201,
      { account_id: accountId, kind: 'signing', public_key: body.public_key, scopes: expect.any(Array) },
    ]);
    expect(Object.keys(first.json as object).filter((name) => name.includes('secret'))).toEqual([]);
    const again = await asked('POST', path, body, id);
    expect(again.json).toMatchObject({ id: (first.json as { id: string }).id });
    expect(await asked('POST', path, { ...body, public_key: jwkOf() }, id)).toMatchObject({
      status: 409,
      json: { code: 'idempotency_key_reused' },
    });
    const log = await readLog(platform.dataDir);
    const registered = ofType(log, 'key.signing_key_registered').filter(({ data }) => data['accountId'] === accountId);
    expect(registered.map(({ data }) => data['publicKey'])).toEqual([body.public_key.x]);
  });

  it('is listed and shown with its public half, changed and revoked as every key, and never rotated', async () => {
    const body = fieldsOf(accountId);
    const key = await wanted(platform, 'POST', path, body);
    const at = `/api/v1/keys/${String(key['id'])}`;
    const position = `min_position=${String(key['position'])}`;
    const shown = { id: key['id'], kind: 'signing', secret_hint: null, public_key: body.public_key, status: 'active' };
    expect(await wanted(platform, 'GET', `${at}?${position}`)).toMatchObject(shown);
    const { json } = await asked('GET', `/api/v1/keys?account_id=${accountId}&${position}`);
    expect((json as { data: unknown[] }).data).toContainEqual(expect.objectContaining(shown));
    expect(await wanted(platform, 'PATCH', `${at}/policy`, { lines_max: 3 })).toMatchObject({ lines_max: 3 });
    expect(await asked('POST', `${at}/rotate`, {})).toMatchObject({ status: 409, json: { code: 'key_not_rotatable' } });
    const revoked = await wanted(platform, 'POST', `${at}/revoke`, { reason: 'unused' });
    const after = `${at}?min_position=${String(revoked['position'])}`;
    expect(await wanted(platform, 'GET', after)).toMatchObject({ status: 'revoked', lines_max: 3, version: 3 });
  });

  it('grants no access: neither its id nor its public half is a secret', async () => {
    const body = fieldsOf(accountId);
    const key = await wanted(platform, 'POST', path, body);
    for (const presented of [String(key['id']), String(body.public_key.x)])
      expect(await platform.ask(presented, 'GET', '/api/v1/voice/calls')).toMatchObject({ status: 401 });
  });

  it.each([
    ['nothing', null],
    ['a text', '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo'],
    ['another curve', { kty: 'EC', crv: 'P-256', x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU' }],
    ['an exchange key', { kty: 'OKP', crv: 'X25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }],
    ['31 bytes', { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHUQ' }],
  ])('is rejected, naming the field, when its public key is %s', async (_what, publicKey) => {
    const { status, json } = await asked('POST', path, fieldsOf(accountId, { public_key: publicKey }));
    expect([status, json]).toMatchObject([
      422,
      { code: 'validation_failed', errors: [{ pointer: '#/public_key', detail: expect.stringContaining('Ed25519') }] },
    ]);
  });

  it('is rejected with its private half, none of which is repeated', async () => {
    const jwk = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
    const { status, json } = await asked('POST', path, fieldsOf(accountId, { public_key: jwk }));
    expect(status).toBe(422);
    expect(JSON.stringify(json)).not.toContain(String(jwk.d));
  });

  it('is refused when its public key is no point of the curve, or one under which anybody can sign', async () => {
    for (const x of ['AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'])
      expect(
        await asked('POST', path, fieldsOf(accountId, { public_key: { kty: 'OKP', crv: 'Ed25519', x } })),
      ).toMatchObject({ status: 422, json: { code: 'public_key_invalid' } });
  });

  it('is registered by a key that may write keys, with no scope that it lacks; that it tried is in the log', async () => {
    const writer = await wanted(platform, 'POST', '/api/v1/keys', {
      account_id: accountId,
      label: 'Writer',
      mode: 'test',
      scopes: ['keys:write', 'calls:read'],
    });
    const { account_id: _, ...own } = fieldsOf(accountId);
    const secret = String(writer['secret']);
    const tooMuch = await platform.ask(secret, 'POST', path, own);
    expect(tooMuch).toMatchObject({ status: 403, json: { code: 'scope_missing' } });
    const { preset: _preset, ...little } = { ...own, scopes: ['calls:read'] };
    expect(await platform.ask(secret, 'POST', path, little)).toMatchObject({ status: 201 });
    const rejected = ofType(await readLog(platform.dataDir), 'audit.command_turned_away');
    expect(rejected.map(({ stream, data }) => [stream, data])).toContainEqual([
      accountId,
      expect.objectContaining({
        presentedKeyId: writer['id'],
        code: 'scope_missing',
        commandType: 'register_signing_key',
      }),
    ]);
  });
});
