import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { issueKey, openAccount, placeCall, wanted } from './test-accounts.js';
import { ofType, readLog } from './log-reader.js';
import { PlatformProcess } from './platform-process.js';

const holds = '+15005552005'; // rings, is answered, and talks on
const bounds = { calls_per_second: 100, burst_calls: 100, lines_max: 2, calls_max: 6 };
const scopes = ['keys:write', 'keys:read', 'calls:write', 'calls:read'];
const expiresAt = new Date(Date.now() + 3_600_000).toISOString();

let platform: PlatformProcess;
beforeAll(async () => {
  platform = await PlatformProcess.start();
});
afterAll(async () => {
  await platform.discard();
});

async function issueBy(secret: string, body: object) {
  const asked = { label: 'child', mode: 'test', scopes, ...body };
  const { status, json } = await platform.ask(secret, 'POST', '/api/v1/keys', asked);
  const key = json as { readonly id: string; readonly secret: string; readonly code?: string };
  return { status, code: key.code, key, secret: key.secret };
}

it('a bounded key issues keys that it bounds, and that end with it', async () => {
  const accountId = await openAccount(platform, 'Family Ltd');
  const head = await issueKey(platform, accountId, { ...bounds, scopes, preset: null, expires_at: expiresAt });

  // A child without a policy of its own inherits the parent's, and one that names more is refused.
  const child = await issueBy(head.secret, {});
  expect(child).toMatchObject({
    status: 201,
    key: { parent_key_id: head.keyId, calls_per_second: 10, lines_max: 2, calls_max: 6, expires_at: expiresAt },
  });
  for (const more of [{ lines_max: 3 }, { calls_max: null }, { expires_at: null }, { scopes: ['audit:read'] }])
    expect(await issueBy(head.secret, more)).toMatchObject({ status: 403 });
  const grandchild = await issueBy(child.secret, { calls_max: 1, on_revoke: 'drain' });
  expect(grandchild).toMatchObject({ status: 201, key: { parent_key_id: child.key.id, calls_max: 1 } });

  // The twin and its maker are one family: two lines between them.
  const placed = [grandchild, child, child, head].map(
    ({ secret }) =>
      () =>
        placeCall(platform, secret, holds),
  );
  const answers = [];
  for (const place of placed) answers.push(await place());
  expect(answers.map(({ status, code }) => [status, code])).toEqual([
    [202, ''],
    [202, ''],
    [429, 'lines_exhausted'],
    [429, 'lines_exhausted'],
  ]);
  expect(await placeCall(platform, grandchild.secret, holds)).toMatchObject({ status: 429 });
  const path = `/api/v1/keys/${head.keyId}/policy`;
  const unbound = await platform.ask(child.secret, 'PATCH', path, { lines_max: 100, calls_max: null });
  expect(unbound).toMatchObject({ status: 403, json: { code: 'presenter_not_allowed' } });

  // Rotated, a parent keeps its children; revoked, it takes them along, calls too.
  const rotated = await platform.ask(head.secret, 'POST', `/api/v1/keys/${head.keyId}/rotate`, {});
  expect(rotated.status).toBe(200);
  const { position: since } = rotated.json as { readonly position: string };
  const shown = `/api/v1/keys/${grandchild.key.id}?min_position=${since}`;
  const own = await platform.ask(grandchild.secret, 'GET', shown);
  expect(own).toMatchObject({ status: 200, json: { status: 'active', parent_key_id: child.key.id } });
  const { position } = await wanted(platform, 'POST', `/api/v1/keys/${child.key.id}/revoke`, { reason: 'leaked' });
  const listed = `/api/v1/keys?account_id=${accountId}&min_position=${String(position)}`;
  const { json } = await platform.ask(platform.keys.adminKey, 'GET', listed);
  const { data } = json as { readonly data: readonly { readonly id: string; readonly status: string }[] };
  const statuses = new Map(data.map(({ id, status }) => [id, status]));
  expect([head.keyId, child.key.id, grandchild.key.id].map((id) => statuses.get(id))).toEqual([
    'active',
    'revoked',
    'revoked',
  ]);
  expect((await placeCall(platform, grandchild.secret, holds)).status).toBe(401);
  const hungUp = ofType(await readLog(platform.dataDir), 'call.hang_up_requested');
  // The child's own policy hangs up, and so the grandchild's call ends too, though that one drains.
  expect(new Map(hungUp.map(({ data }) => [data['callId'], data['reason']]))).toEqual(
    new Map(answers.slice(0, 2).map(({ callId }) => [callId, 'key_revoked'])),
  );
});
