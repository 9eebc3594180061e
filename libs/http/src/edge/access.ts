import { type CanActivate, type ExecutionContext, Inject, Injectable, SetMetadata } from '@nestjs/common';
import { type Authentication, type AuthenticationRefusalCode, needsLook } from '@ringfence/auth/authentication';
import type { KeyEntry } from '@ringfence/auth/key-entry';
import { KeyRegistry } from '@ringfence/auth/key-registry';
import { RejectedRequestCounter } from '@ringfence/auth/rejected-request-counter';
import type { RejectionCode } from '@ringfence/domain/rejections/rejection.events';
import type { ModeRule } from '@ringfence/domain/shared/authorization';
import type { Scope } from '@ringfence/domain/shared/scopes';
import type { Mode, Principal } from '@ringfence/domain/shared/values';
import type { Clock } from '@ringfence/kernel/clock';
import { type AccountId, parseAccountId, platformStream } from '@ringfence/kernel/ids';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ServerResponse } from 'node:http';
import { edgeProblem, retryAfterDefaultMs } from '../problem.js';
import { isTwilioPath } from './twilio-errors.js';
import { basicCredentials } from './basic-credentials.js';
import { beginCommand, CommandBounds, overloaded } from './command-bounds.js';
import { isRead, noteKnownClient } from './connections.js';
import { CLOCK, EDGE_METRICS, type EdgeMetrics } from './ports.js';
import { beginRead, ReadBounds, type ReadSize } from './read-bounds.js';
import { timesSent } from './sent-headers.js';
import { sourceAddressOf } from './source-address.js';

/** The caller of a request: an accepted key. */
export type Caller = {
  readonly entry: KeyEntry;
  readonly principal: Principal;
  /** null: an operator, whose requests name the account. */
  readonly accountId: AccountId | null;
  /** The only mode whose calls, money, usage and events the caller sees; null: an operator, who sees both. */
  readonly mode: Mode | null;
};

/**
 * The isolation of live and test on a route for accounts' own keys; for commands as in the domain's `ModeRule`.
 * - `own`: the route shows, creates and changes only objects of the key's own mode.
 * - `test_below`: as `own`, but a live key reaches test keys too.
 * - `account`: the route acts on both modes of the account, so a test key may not use it.
 * - `shared`: the route shows data common to both modes.
 */
export type RouteModes = ModeRule | 'shared';

/** Access to a route: any one of these scopes suffices. Modes do not apply to operators. */
export type AccessRule = { readonly scopes: readonly Scope[] } & (
  { readonly operatorsOnly: true } | { readonly operatorsOnly: false; readonly modes: RouteModes }
);
const accessKey = Symbol('access');
/**
 * @param reads the size of the route's reads
 * @param isUrgent whether the route's command is admitted however many wait
 */
export const Access = (rule: AccessRule, reads: ReadSize = 'any', isUrgent = false) =>
  SetMetadata<symbol, RouteAccess>(accessKey, { rule, reads, isUrgent });
type RouteAccess = { readonly rule: AccessRule; readonly reads: ReadSize; readonly isUrgent: boolean };

const callers = new WeakMap<FastifyRequest, Caller>();

/** The caller of a request that has passed the guard. */
export function callerOf(request: FastifyRequest): Caller {
  const caller = callers.get(request);
  if (caller === undefined) throw edgeProblem('internal_error', 'the route was reached without a key');
  return caller;
}

/** Admits only keys with one of the scopes of the route. */
@Injectable()
export class AccessGuard implements CanActivate {
  readonly #routes = new Map<unknown, RouteAccess>();
  /** The caller object of each key, shared by all of its requests. */
  readonly #callers = new WeakMap<KeyEntry, Caller>();

  constructor(
    @Inject(KeyRegistry) private readonly registry: KeyRegistry,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(EDGE_METRICS) private readonly metrics: EdgeMetrics,
    @Inject(RejectedRequestCounter) private readonly rejections: RejectedRequestCounter,
    @Inject(ReadBounds) private readonly reads: ReadBounds,
    @Inject(CommandBounds) private readonly commands: CommandBounds,
  ) {}

  canActivate(context: ExecutionContext): true | Promise<true> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const response = context.switchToHttp().getResponse<FastifyReply>().raw;
    const route = this.#routeOf(context);
    const secret = presentedSecret(request);
    const circumstances = { nowMs: this.clock.now(), sourceIp: sourceAddressOf(request) };
    const known = this.registry.check(secret, circumstances);
    if (!needsLook(known)) return this.#admit(known, route, request, response);
    // The key may have just been issued, or this process just been suspended: it is checked again once the registry has
    // seen the whole log.
    return this.registry
      .authenticate(secret, circumstances)
      .then((found) => this.#admit(found, route, request, response));
  }

  /** Checks the key of a request again after a wait. @throws HttpProblem if the key is no longer accepted */
  async checkAgain(request: FastifyRequest): Promise<void> {
    const found = await this.registry.authenticate(presentedSecret(request), {
      nowMs: this.clock.now(),
      sourceIp: sourceAddressOf(request),
    });
    if (!found.ok) throw unauthenticated(found.code);
  }

  /** Says whether a request that has lasted would be admitted now; true also while keys cannot be checked. */
  stillAdmits(request: FastifyRequest, scope: Scope): boolean {
    const circumstances = { nowMs: this.clock.now(), sourceIp: sourceAddressOf(request) };
    const found = this.registry.check(presentedSecret(request), circumstances);
    return found.ok ? this.registry.hasScope(found.entry, scope) : found.code === 'registry_stale';
  }

  /**
   * Does what may take a while, until the key of the request is revoked.
   * @param gone aborts when the client has gone
   * @param wait settles soon after its signal aborts
   */
  async untilRevoked<Result>(
    request: FastifyRequest,
    gone: AbortSignal | undefined,
    wait: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    const ended = new AbortController();
    const stop = this.registry.onRevocation(() => {
      const circumstances = { nowMs: this.clock.now(), sourceIp: sourceAddressOf(request) };
      const found = this.registry.check(presentedSecret(request), circumstances);
      if (!found.ok && found.code === 'revoked') ended.abort();
    });
    return wait(gone === undefined ? ended.signal : AbortSignal.any([gone, ended.signal])).finally(stop);
  }

  #admit(
    found: Authentication,
    { rule, reads, isUrgent }: RouteAccess,
    request: FastifyRequest,
    response: ServerResponse,
  ): true | Promise<true> {
    const { socket } = request.raw;
    // The client has gone, or was already answered 408.
    if (socket.destroyed || socket.writableEnded)
      throw edgeProblem('request_timeout', 'the request must arrive in time');
    if (!found.ok) {
      this.metrics.rejected(found.code);
      const shown = found.keyId === null ? undefined : this.registry.find(found.keyId);
      const reportedAs = reportedCodes[found.code];
      if (shown !== undefined && reportedAs !== null) this.rejections.count(shown, reportedAs);
      throw unauthenticated(found.code);
    }
    const { entry } = found;
    if (rule.operatorsOnly && entry.accountId !== null) {
      this.metrics.rejected('operator_only');
      this.rejections.count(entry, 'presenter_not_allowed');
      throw edgeProblem('operator_only', 'only an operator’s key may do this');
    }
    if (!rule.operatorsOnly && rule.modes === 'account' && entry.accountId !== null && entry.mode === 'test') {
      this.metrics.rejected('mode_not_allowed');
      this.rejections.count(entry, 'presenter_not_allowed');
      throw edgeProblem('mode_not_allowed', 'this concerns the live side of the account too: use a live key');
    }
    if (!rule.scopes.some((scope) => this.registry.hasScope(entry, scope))) {
      this.metrics.rejected('scope_not_held');
      this.rejections.count(entry, 'scope_missing');
      throw edgeProblem('scope_not_held', `the key needs the scope ${rule.scopes.join(' or ')}`);
    }
    noteKnownClient(socket);
    callers.set(request, this.#callerFor(entry));
    const account = entry.accountId ?? platformStream;
    if (isRead(request.raw)) return beginRead(this.reads, { keyId: entry.keyId, account }, reads, request, response);
    if (!beginCommand(this.commands, request, account, isUrgent)) {
      this.metrics.rejected('overloaded');
      throw overloaded();
    }
    return true;
  }

  #callerFor(entry: KeyEntry): Caller {
    const known = this.#callers.get(entry);
    if (known !== undefined) return known;
    const { keyId, accountId } = entry;
    const home = accountId === null ? 'platform' : 'account';
    const mode = accountId === null ? null : entry.mode;
    const caller: Caller = { entry, accountId, mode, principal: { kind: 'key', keyId, home } };
    this.#callers.set(entry, caller);
    return caller;
  }

  #routeOf(context: ExecutionContext): RouteAccess {
    const handler = context.getHandler();
    const known = this.#routes.get(handler);
    if (known !== undefined) return known;
    const route = Reflect.getMetadata(accessKey, handler) as RouteAccess | undefined;
    if (route === undefined) throw edgeProblem('internal_error', 'the route does not say who may use it');
    this.#routes.set(handler, route);
    return route;
  }
}

/**
 * The code under which a rejection is recorded; null: not recorded, because without a known key anyone could flood the
 * log.
 */
const reportedCodes: Readonly<Record<AuthenticationRefusalCode, RejectionCode | null>> = {
  missing: null,
  malformed: null,
  unknown: null,
  registry_stale: null,
  expired: 'key_expired',
  revoked: 'key_revoked',
  source_not_allowed: 'source_not_allowed',
};

/**
 * The secret in `x-api-key` or `Authorization: Bearer`; at Twilio’s paths also the password of `Authorization: Basic`.
 * @throws HttpProblem `key_ambiguous` for a key in two places, or twice in one
 */
function presentedSecret({ headers, raw, url }: FastifyRequest): string | undefined {
  const direct = headers['x-api-key'];
  const { authorization } = headers;
  if (timesSent(raw, 'x-api-key') + timesSent(raw, 'authorization') > 1)
    throw edgeProblem('key_ambiguous', 'send one API key, once: as x-api-key or as Authorization: Bearer');
  const basic = isTwilioPath(url) ? basicCredentials(authorization) : undefined;
  if (basic !== undefined) return basic.password;
  if (authorization !== undefined) return /^bearer +(\S+)$/i.exec(authorization)?.[1] ?? '?';
  return typeof direct === 'string' ? direct : undefined;
}

function unauthenticated(code: AuthenticationRefusalCode): Error {
  const headers = { 'www-authenticate': 'Bearer realm="ringfence"' };
  switch (code) {
    case 'missing':
      return edgeProblem('key_missing', 'send an API key as x-api-key or as Authorization: Bearer', { headers });
    case 'malformed':
      return edgeProblem('key_malformed', 'the API key is mistyped or cut short: its checksum does not match', {
        headers,
      });
    // The answer does not reveal which keys were once valid.
    case 'unknown':
    case 'expired':
    case 'revoked':
      return edgeProblem('key_not_accepted', 'the API key is unknown, has expired or was revoked', { headers });
    case 'source_not_allowed':
      return edgeProblem('source_not_allowed', 'the key may not be used from this address');
    case 'registry_stale':
      return edgeProblem('registry_stale', 'keys cannot be checked at the moment; no key is accepted until they can', {
        retryAfterMs: retryAfterDefaultMs,
      });
  }
}

/**
 * The account that a request concerns: a key's own, or the one named by an operator. Any other account is `not_found`.
 * @throws HttpProblem `not_found`, `validation_failed`
 */
export function accountFor(
  caller: Caller,
  named: string | undefined | null,
  place: 'body' | 'query' | 'path',
): AccountId {
  if (caller.accountId !== null) {
    if (named === undefined || named === null || named === caller.accountId) return caller.accountId;
    throw edgeProblem('not_found', 'there is no such account');
  }
  const account = named === undefined || named === null ? undefined : parseAccountId(named);
  if (account !== undefined) return account;
  if (place === 'path') throw edgeProblem('not_found', 'there is no such account');
  throw edgeProblem('validation_failed', 'account_id is needed with an operator’s key', {
    errors: [{ in: place, path: ['account_id'], rule: 'required', detail: 'is needed with an operator’s key' }],
  });
}

/**
 * The account of a key that configures its own account.
 * @throws HttpProblem `scope_not_held` for an operator's key
 */
export function ownAccountOf({ accountId }: Caller): AccountId {
  if (accountId !== null) return accountId;
  throw edgeProblem('scope_not_held', 'this is done with a key of the account itself');
}

/** The account and mode whose objects the caller sees; null: an operator, who sees those of all. */
export function ownerFor({ accountId, mode }: Caller): { readonly accountId: AccountId; readonly mode: Mode } | null {
  return accountId === null || mode === null ? null : { accountId, mode };
}

/** The account as in `accountFor`; null: all accounts, for an operator who names none. */
export function accountsFor(caller: Caller, named: string | undefined | null, place: 'query'): AccountId | null {
  if (caller.accountId === null && (named === undefined || named === null)) return null;
  return accountFor(caller, named, place);
}

/**
 * The mode that a read shows: a key's own mode; an operator may name one or see both (null).
 * @throws HttpProblem `mode_not_allowed` for a key that requests the other mode
 */
export function modeFor(caller: Caller, named: Mode | null | undefined): Mode | null {
  if (caller.mode === null) return named ?? null;
  if (named === undefined || named === null || named === caller.mode) return caller.mode;
  throw edgeProblem('mode_not_allowed', `a ${caller.mode} key sees what is ${caller.mode} alone`);
}

type Owned = { readonly accountId: AccountId | null; readonly mode: Mode };

/** Tests whether the caller may see objects of this account and mode. */
export function sees(caller: Caller, { accountId, mode }: Owned): boolean {
  return caller.mode === null || (caller.accountId === accountId && caller.mode === mode);
}

/** Tests `sees` for a key: a live key reaches the account's test keys too. */
export function seesKey(caller: Caller, key: Owned): boolean {
  return sees(caller, key) || (caller.mode === 'live' && caller.accountId === key.accountId);
}

/** The mode whose account limits the caller sees; null: both, because a live key also sets those of test calls. */
export function limitsSeenBy({ mode }: Caller): Mode | null {
  return mode === 'test' ? 'test' : null;
}
