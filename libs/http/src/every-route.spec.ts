import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { Failure } from '@ringfence/kernel/failure';
import { registryStaleAfterMs } from '@ringfence/auth/key-registry';
import { mintSecret } from '@ringfence/auth/key-secret';
import { commandAuthority } from '@ringfence/domain/command-authority';
import { scopes } from '@ringfence/domain/shared/scopes';
import type { AccountId } from '@ringfence/kernel/ids';
import { publicCommandNames, publicCommands } from '@ringfence/wire/public-commands';
import { apiRoutes } from './http.module.js';
import { operationsOf, type OperationSpec } from './edge/operation.js';
import type { ProblemCode } from './problem.js';
import { expectProblem } from './route.contract.js';
import { type IssuedKey, RouteWorld, sandboxCall } from './route-world.contract.js';

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';
type Route = {
  readonly name: string;
  readonly method: Method;
  /** Path below `/api/v1/`, with its parameters by their names. */
  readonly path: string;
  readonly spec: OperationSpec;
};

const routes: readonly Route[] = apiRoutes
  .flatMap(({ controllers }) => controllers)
  .flatMap((controller) =>
    operationsOf(controller).map(([handler, spec]) => {
      const method = RequestMethod[Number(Reflect.getMetadata(METHOD_METADATA, handler))] as Method;
      const places = [controller, handler].map((part) => String(Reflect.getMetadata(PATH_METADATA, part)));
      const path = places
        .filter((place) => place !== '/')
        .join('/')
        .replace('api/v1/', '');
      return { name: `${method} ${path}`, method, path, spec };
    }),
  );
const commands = routes.filter(({ spec }) => spec.command === true);

let world: RouteWorld;
let account: AccountId;
let keys: { readonly live: IssuedKey; readonly test: IssuedKey };
beforeAll(async () => {
  world = await RouteWorld.start();
  account = await world.account();
  keys = { live: await world.key(account, { mode: 'live' }), test: await world.key(account) };
});
afterAll(() => world.stop());

/** The route's path with something in place of each parameter. */
function pathOf({ path }: Route): string {
  const { ids } = world.behind;
  const named = {
    account_id: account,
    key_id: ids.keyId(),
    call_id: ids.callId(),
    number: '+15005550000',
    secret_id: ids.webhookSecretId(),
    voice_app_id: ids.voiceAppId(),
    ip_acl_id: ids.ipListId(),
    sip_trunk_id: ids.sipTrunkId(),
    number_id: ids.numberId(),
  };
  return path.replaceAll(/:(\w+)/g, (_, name: keyof typeof named) => named[name]);
}

function ask(route: Route, key: string | null, more: { readonly query?: string; readonly headers?: object } = {}) {
  const { query = '', headers = {} } = more;
  const body = route.method === 'GET' ? undefined : {};
  return world.ask(route.method, `${pathOf(route)}${query}`, body, { key, headers: { ...headers } });
}

describe('every route', () => {
  it('is one of those that are listed', () => {
    expect(routes.length).toBeGreaterThan(30);
    expect(commands.length).toBeGreaterThan(15);
  });

  const refusedKeys: readonly (readonly [ProblemCode, string | null])[] = [
    ['key_missing', null],
    ['key_malformed', 'rf_live_mistyped'],
    ['key_not_accepted', mintSecret('live').text],
  ];
  describe.each(refusedKeys)('answers %s', (code, key) => {
    it.each(routes)('at $name', async (route) => {
      expectProblem(await ask(route, key), code);
    });
  });

  it.each(routes.filter(({ spec }) => spec.access !== null && spec.access.scopes.length < scopes.length))(
    'answers scope_not_held to a key with none of its scopes: $name',
    async (route) => {
      const { secret } = await world.key('platform', { scopes: ['streams:connect'] });
      expectProblem(await ask(route, secret), 'scope_not_held');
    },
  );

  it.each(routes.filter(({ spec }) => spec.access?.operatorsOnly === true))(
    'answers operator_only to the key of an account where it is for operators: $name',
    async (route) => {
      expectProblem(await ask(route, keys.live.secret), 'operator_only');
    },
  );

  it.each(routes.filter(({ spec: { access } }) => access?.operatorsOnly === false && access.modes === 'account'))(
    'answers mode_not_allowed to a test key where both modes are concerned: $name',
    async (route) => {
      expectProblem(await ask(route, keys.test.secret), 'mode_not_allowed');
    },
  );

  it.each(routes)('answers validation_failed to a query parameter that it does not know: $name', async (route) => {
    expectProblem(await ask(route, world.operator, { query: '?nonsense=1' }), 'validation_failed');
  });
});

describe('every command', () => {
  it.each(publicCommandNames)('is served as its definition says, to those with the authority for it: %s', (name) => {
    const { commandType, route } = publicCommands[name];
    const path = route.path.slice(1).replace(':subject', ':account_id');
    const { scope, account } = commandAuthority[commandType];
    const access = account === null ? { operatorsOnly: true } : { operatorsOnly: false, modes: account };
    const served = commands.filter((each) => each.method === route.method && each.path === path);
    expect(served).toMatchObject([{ spec: { access: { scopes: [scope], ...access } } }]);
  });

  const refusedBodies: readonly (readonly [ProblemCode, string, string])[] = [
    ['malformed_json', '{"', 'application/json'],
    ['body_ambiguous', '{"reason":"fraud","reason":"unpaid"}', 'application/json'],
    ['content_type_unsupported', 'reason=fraud', 'application/x-www-form-urlencoded'],
    ['validation_failed', '{"nonsense":1}', 'application/json'],
  ];
  describe.each(refusedBodies)('answers %s', (code, text, contentType) => {
    it.each(commands)('at $name', async (route) => {
      const sent = { key: world.operator, text, headers: { 'content-type': contentType } };
      expectProblem(await world.ask(route.method, pathOf(route), undefined, sent), code);
    });
  });

  it('answers overloaded where its lane takes no more', async () => {
    world.behind.beforeNext(() => Promise.reject(new Failure('overloaded', 'too many commands wait', true)));
    expectProblem(await world.post('calls/initiate', sandboxCall, keys.test.secret), 'overloaded');
  });

  it('answers deadline_passed where it waited too long for its decision', async () => {
    world.behind.beforeNext(() => {
      world.behind.clock.advance(10_000);
      return Promise.resolve(undefined);
    });
    expectProblem(await world.post('calls/initiate', sandboxCall, keys.test.secret), 'deadline_passed');
  });
});

describe('a gateway whose key registry is stale, and whose log does not answer', () => {
  it.each(routes)('answers registry_stale: $name', async (route) => {
    world.behind.catchUp = () => Promise.resolve();
    world.behind.store.head = () => Promise.reject(new Failure('event_store_unavailable', 'down', true));
    world.behind.clock.advance(registryStaleAfterMs + 1);
    expectProblem(await ask(route, world.operator), 'registry_stale');
  });
});
