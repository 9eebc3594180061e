import 'reflect-metadata';
import type { Provider } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { KeyRegistry } from '@ringfence/auth/key-registry';
import { RejectedRequestCounter } from '@ringfence/auth/rejected-request-counter';
import { COMMAND_DISPATCHER } from '@ringfence/commands/command-dispatcher';
import { RequestIdentity } from '@ringfence/commands/request-identity';
import { ReactionsModule } from '@ringfence/cqrs/reactions.module';
import type { Mode } from '@ringfence/domain/shared/values';
import { type AccountId, parseAccountId } from '@ringfence/kernel/ids';
import { invariant } from '@ringfence/kernel/invariant';
import { PlatformView } from '@ringfence/lanes/platform-view';
import { SUBJECT_VAULT } from '@ringfence/ports/vault/subject-vault';
import { EVENT_STORE } from '@ringfence/ports/log/event-store';
import { ProjectionProgress } from '@ringfence/projections/projection-progress';
import { CALENDAR, READ_DATABASE } from '@ringfence/read-models/read-models.module';
import { REQUEST_BUILDERS } from '@ringfence/requests/request-builders';
import { KeyFinder } from '@ringfence/requests/key-finder';
import type { Timers } from '@ringfence/kernel/timers';
import { systemTimers } from '@ringfence/runtime/system-timers';
import { exampleCalendar } from '@ringfence/testing/examples';
import { GatewayWorld } from '@ringfence/testing/gateway-world';
import {
  CLOCK,
  COMMAND_TOPICS,
  EDGE_METRICS,
  type EdgeMetrics,
  HEALTH,
  ID_SOURCE,
  LOG_NAME,
  METRICS_TEXT,
} from './edge/ports.js';
import { HttpModule } from './http.module.js';
import { createHttpServer } from './server.js';

/** Answer of a route. */
export type RouteAnswer = {
  /** Path below `/api/v1/`. */
  readonly path: string;
  readonly status: number;
  readonly contentType: string | null;
  readonly body: Readonly<Record<string, unknown>>;
};
type Sent = {
  /** The secret of the key that is presented; null: none is. */
  readonly key?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  /** The raw body, in place of JSON. */
  readonly text?: string;
};
/** A key as its answer shows it. */
export type IssuedKey = { readonly id: string; readonly secret: string };

export const sandboxCall = {
  from_number: '+15005550100',
  to_number: '+15005550006',
};
export const sandboxIpList = { name: 'Office', addresses: [{ address: '203.0.113.7' }] };
export const sandboxTrunk = {
  name: 'Office',
  authentication_type: 'IP',
  auth_addresses: [{ address: '203.0.113.7' }],
};
export const sandboxApp = {
  name: 'Front desk',
  flow_url: 'https://example.com/flow',
  webhook_url: 'https://example.com/webhooks',
};
/** Bounds that no spec meets by chance. */
const generous = { calls_per_second: 10_000, burst_calls: 10_000, lines_max: 100_000 };

/** Timers that find no pace and no lateness: how many commands are admitted does not depend on the machine. */
const timeless: Timers = { ...systemTimers, monotonicMs: () => 0 };

/** The whole API over HTTP, with everything behind it in memory. */
export class RouteWorld {
  private constructor(
    readonly behind: GatewayWorld,
    readonly app: NestFastifyApplication,
    readonly url: string,
    /** Counts of the edge: the code of each rejection, and each answer's method, route and status. */
    readonly counted: readonly string[],
  ) {}

  static async start(): Promise<RouteWorld> {
    const behind = await GatewayWorld.start();
    const { feed: source, clock, vault } = behind;
    const from = await behind.store.head();
    const counted: string[] = [];
    const metrics: EdgeMetrics = {
      rejected: (code) => counted.push(code),
      answered: (method, route, status) => counted.push(`${method} ${route} ${String(status)}`),
    };
    const reactions = ReactionsModule.on({ source, from, clock, timers: systemTimers, onFailure: fail }, vault);
    const app = await createHttpServer({
      module: { module: class Root {}, imports: [HttpModule.withApi(portsOf(behind, metrics), timeless), reactions] },
      trustedProxies: [],
      metrics,
      onFault: () => undefined,
      logger: { log: () => undefined, warn: () => undefined, error: () => undefined },
    });
    await app.listen(0, '127.0.0.1');
    return new RouteWorld(behind, app, await app.getUrl(), counted);
  }

  async stop(): Promise<void> {
    await this.app.close();
    await this.behind.stop();
  }

  /** The secret of the first operator's key. */
  get operator(): string {
    return this.behind.secrets.operatorSecret;
  }

  /** Sends a request, as an operator unless another key is named. @param path below `/api/v1/` */
  async ask(
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    path: string,
    body?: object,
    sent: Sent = {},
  ): Promise<RouteAnswer> {
    await this.behind.catchUp();
    const { key = this.operator, text = body === undefined ? null : JSON.stringify(body) } = sent;
    const headers = {
      ...(key === null ? {} : { 'x-api-key': key }),
      ...(text === null ? {} : { 'content-type': 'application/json' }),
      ...sent.headers,
    };
    const answer = await fetch(`${this.url}/api/v1/${path}`, { method, headers, body: text });
    const json = (await answer.json()) as RouteAnswer['body'];
    return { path, status: answer.status, contentType: answer.headers.get('content-type'), body: json };
  }

  get(path: string, key = this.operator): Promise<RouteAnswer> {
    return this.ask('GET', path, undefined, { key });
  }

  post(path: string, body: object = {}, key = this.operator): Promise<RouteAnswer> {
    return this.ask('POST', path, body, { key });
  }

  patch(path: string, body: object, key = this.operator): Promise<RouteAnswer> {
    return this.ask('PATCH', path, body, { key });
  }

  delete(path: string, key = this.operator): Promise<RouteAnswer> {
    return this.ask('DELETE', path, undefined, { key });
  }

  /** Body of an answer that has to be no problem: the arrangement of a spec. */
  async given(asked: Promise<RouteAnswer>): Promise<RouteAnswer['body']> {
    const { status, path, body } = await asked;
    invariant(status < 300, `${path} is accepted: ${JSON.stringify(body)}`);
    return body;
  }

  /** An account that was opened and nothing more. */
  async openedAccount(): Promise<AccountId> {
    const opened = await this.given(this.post('accounts', { name: 'Example Inc', currency: 'USD' }));
    const accountId = parseAccountId(String(opened['id']));
    invariant(accountId !== undefined, 'an account has an id');
    return accountId;
  }

  /** An account that was verified; without credit. */
  async verifiedAccount(): Promise<AccountId> {
    const accountId = await this.openedAccount();
    await this.given(this.post(`accounts/${accountId}/verify`));
    return accountId;
  }

  /** An account that can place calls of both modes. */
  async account(): Promise<AccountId> {
    const accountId = await this.verifiedAccount();
    for (const mode of ['live', 'test'] satisfies Mode[])
      await this.given(this.post(`accounts/${accountId}/credit`, { mode, amount_micros: '100000000' }));
    return accountId;
  }

  /** A key with generous bounds and scopes for everything that accounts do, except for what `fields` say. */
  async key(account: AccountId | 'platform', fields: object = {}): Promise<IssuedKey> {
    const scopes = [
      ...['calls:write', 'calls:read', 'keys:write', 'keys:read', 'billing:read', 'audit:read'],
      ...[
        'accounts:admin',
        'webhooks:write',
        'apps:write',
        'apps:read',
        'trunks:write',
        'trunks:read',
        'numbers:write',
        'calls:receive',
      ],
    ];
    const policy = { account_id: account, label: 'spec', mode: 'test', scopes, ...generous, ...fields };
    const issued = await this.given(this.post('keys', policy));
    return { id: String(issued['id']), secret: String(issued['secret']) };
  }

  /** A signing key's id. */
  async signingKey(account: AccountId): Promise<string> {
    const public_key = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' };
    const fields = { account_id: account, label: 'spec', mode: 'test', scopes: ['calls:write'], public_key };
    return String((await this.given(this.post('signing-keys', fields)))['id']);
  }

  /** The id of a call that rings until it is hung up. */
  async call(key: IssuedKey, fields: object = {}): Promise<string> {
    return String((await this.given(this.post('calls/initiate', { ...sandboxCall, ...fields }, key.secret)))['id']);
  }
}

function portsOf(behind: GatewayWorld, metrics: EdgeMetrics): Provider[] {
  const { clock, ids, store, vault, identity, registry, keys, requests, progress, platform, rejections } = behind;
  return [
    { provide: CLOCK, useValue: clock },
    { provide: ID_SOURCE, useValue: ids },
    { provide: EVENT_STORE, useValue: store },
    { provide: SUBJECT_VAULT, useValue: vault },
    { provide: LOG_NAME, useValue: behind.log },
    { provide: COMMAND_TOPICS, useValue: null },
    { provide: COMMAND_DISPATCHER, useValue: behind.dispatcher },
    { provide: REQUEST_BUILDERS, useValue: requests },
    { provide: EDGE_METRICS, useValue: metrics },
    { provide: HEALTH, useValue: { parts: () => Promise.resolve({}) } },
    { provide: METRICS_TEXT, useValue: { contentType: 'text/plain', text: () => Promise.resolve('') } },
    { provide: KeyRegistry, useValue: registry },
    { provide: RejectedRequestCounter, useValue: rejections },
    { provide: KeyFinder, useValue: keys },
    { provide: RequestIdentity, useValue: identity },
    { provide: PlatformView, useValue: platform },
    { provide: ProjectionProgress, useValue: progress },
    { provide: READ_DATABASE, useValue: behind.database },
    { provide: CALENDAR, useValue: exampleCalendar },
  ];
}

function fail(failure: unknown): never {
  throw new Error('reactions of a spec failed', { cause: failure });
}
