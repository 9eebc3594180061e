import { randomUUID } from 'node:crypto';
import { type ApiAnswer, type ApiClient, apiClient } from './api-client.js';
import { cliFailures } from '../failures.js';
import { type Answer, isAnswer, listIn, objectIn } from './json-reading.js';

export type KeyWishes = {
  readonly accountId?: string;
  readonly label: string;
  readonly mode: 'live' | 'test';
  readonly preset?: string;
  readonly scopes?: readonly string[];
  readonly policy: { readonly [name: string]: unknown };
};
export type SigningKeyWishes = KeyWishes & { readonly publicKey: object };
export type CallOptions = {
  readonly from: string;
  readonly to: string;
  readonly flowUrl: string;
  readonly statusCallbackUrl?: string;
  readonly record?: boolean;
};

/** The routes that the command line uses, under the names it has for them. Every one throws as `ApiClient.get`. */
export interface PlatformApi {
  readonly client: ApiClient;
  readonly openAccount: (name: string, currency: string, timeZone: string) => Promise<Answer>;
  readonly verifyAccount: (accountId: string) => Promise<Answer>;
  readonly addCredit: (accountId: string, mode: 'live' | 'test', amountMicros: bigint) => Promise<Answer>;
  readonly suspendAccount: (accountId: string, reason: string) => Promise<Answer>;
  readonly resumeAccount: (accountId: string) => Promise<Answer>;
  readonly showAccount: (accountId: string) => Promise<Answer>;
  readonly changeTimeZone: (accountId: string, timeZone: string) => Promise<Answer>;
  readonly setAccountLimits: (accountId: string, limits: object) => Promise<Answer>;
  readonly issueKey: (wishes: KeyWishes, idempotencyKey?: string) => Promise<Answer>;
  readonly registerSigningKey: (wishes: SigningKeyWishes, idempotencyKey?: string) => Promise<Answer>;
  readonly revokeKey: (keyId: string, reason: string, onRevoke?: string) => Promise<Answer>;
  readonly listKeys: (query: Readonly<Record<string, string | number | undefined>>) => Promise<Page>;
  /** Any answer, refusals included: the story looks at their statuses. */
  readonly tryCall: (wishes: CallOptions, idempotencyKey?: string) => Promise<ApiAnswer>;
  readonly placeCall: (wishes: CallOptions, idempotencyKey?: string) => Promise<Answer>;
  readonly listCalls: (query: Readonly<Record<string, string | number | undefined>>) => Promise<Page>;
  readonly hangUpCall: (callId: string, legId?: string, idempotencyKey?: string) => Promise<Answer>;
  readonly showUsage: (query: Readonly<Record<string, string | number | undefined>>) => Promise<Answer>;
  readonly showCall: (callId: string) => Promise<Answer>;
  readonly showLegs: (callId: string) => Promise<readonly Answer[]>;
  readonly authorization: (callId: string) => Promise<Answer>;
  readonly explainNumber: (number: string, keyId?: string) => Promise<Answer>;
  readonly showRate: (number: string, accountId?: string) => Promise<Answer>;
  readonly openNumberRange: (range: Readonly<Record<string, unknown>>) => Promise<Answer>;
  readonly listNumberRanges: () => Promise<readonly Answer[]>;
}
export type Page = { readonly items: readonly Answer[]; readonly nextCursor: string | undefined };

export function platformApi(url: string, apiKey: string): PlatformApi {
  const client = apiClient(url, apiKey);
  const post = (path: string, body: object, idempotencyKey: string = randomUUID()) =>
    client.get(path, { method: 'POST', body, idempotencyKey });
  const page = async (path: string, query: Readonly<Record<string, string | number | undefined>>): Promise<Page> => {
    const body = await client.get(path, { query });
    const next = (body as Answer)['next_cursor'];
    return { items: listIn(body, path), nextCursor: typeof next === 'string' ? next : undefined };
  };
  const id = encodeURIComponent;
  return {
    client,
    openAccount: async (name, currency, timeZone) =>
      objectIn(await post('/accounts', { name, currency, time_zone: timeZone }), 'the account'),
    verifyAccount: async (accountId) => objectIn(await post(`/accounts/${id(accountId)}/verify`, {}), 'the account'),
    addCredit: async (accountId, mode, amountMicros) =>
      objectIn(
        await post(`/accounts/${id(accountId)}/credit`, { mode, amount_micros: String(amountMicros) }),
        'the credit',
      ),
    suspendAccount: async (accountId, reason) =>
      objectIn(await post(`/accounts/${id(accountId)}/suspend`, { reason }), 'the account'),
    resumeAccount: async (accountId) => objectIn(await post(`/accounts/${id(accountId)}/resume`, {}), 'the account'),
    showAccount: async (accountId) => objectIn(await client.get(`/accounts/${id(accountId)}`), 'the account'),
    changeTimeZone: async (accountId, timeZone) =>
      objectIn(await post(`/accounts/${id(accountId)}/time-zone`, { time_zone: timeZone }), 'the time zone'),
    setAccountLimits: async (accountId, body) => {
      const request = { method: 'PATCH', body, idempotencyKey: randomUUID() } as const;
      return objectIn(await client.get(`/accounts/${id(accountId)}/limits`, request), 'the limits');
    },
    issueKey: async (wishes, idempotencyKey) =>
      objectIn(await post('/keys', keyBody(wishes), idempotencyKey), 'the key'),
    registerSigningKey: async (wishes, idempotencyKey) =>
      objectIn(
        await post('/signing-keys', { ...keyBody(wishes), public_key: wishes.publicKey }, idempotencyKey),
        'the key',
      ),
    revokeKey: async (keyId, reason, onRevoke) =>
      objectIn(
        await post(`/keys/${id(keyId)}/revoke`, { reason, ...(onRevoke === undefined ? {} : { on_revoke: onRevoke }) }),
        'the key',
      ),
    listKeys: (query) => page('/keys', query),
    tryCall: (wishes, idempotencyKey = randomUUID()) =>
      client.ask('/voice/calls/initiate', { method: 'POST', body: callBody(wishes), idempotencyKey }),
    placeCall: async (wishes, idempotencyKey) =>
      objectIn(await post('/voice/calls/initiate', callBody(wishes), idempotencyKey), 'the call'),
    listCalls: (query) => page('/voice/calls', query),
    hangUpCall: async (callId, legId, idempotencyKey) =>
      objectIn(
        await post(`/voice/calls/${id(callId)}/hangup`, legId === undefined ? {} : { leg_id: legId }, idempotencyKey),
        'the hang-up',
      ),
    showUsage: async (query) => {
      const usage = await client.get('/usage', { query });
      if (!isAnswer(usage)) throw cliFailures.server_answer_unreadable('the usage is no object');
      return usage;
    },
    showCall: async (callId) => objectIn(await client.get(`/voice/calls/${id(callId)}`), 'the call'),
    showLegs: async (callId) => listIn(await client.get(`/voice/calls/${id(callId)}/legs`), 'the legs'),
    authorization: async (callId) =>
      objectIn(await client.get(`/voice/calls/${id(callId)}/authorization`), 'the authorization'),
    explainNumber: async (number, keyId) =>
      objectIn(await client.get(`/numbers/${id(number)}`, { query: { key_id: keyId } }), 'the number'),
    showRate: async (number, accountId) =>
      objectIn(await client.get('/rates', { query: { number, account_id: accountId } }), 'the rate'),
    openNumberRange: async (range) => objectIn(await post('/number-ranges', range), 'the range'),
    listNumberRanges: async () => listIn(await client.get('/number-ranges'), 'the ranges'),
  };
}

function keyBody({ accountId, label, mode, preset, scopes, policy }: KeyWishes): object {
  return {
    ...(accountId === undefined ? {} : { account_id: accountId }),
    label,
    mode,
    ...(preset === undefined ? {} : { preset }),
    ...(scopes === undefined ? {} : { scopes }),
    ...policy,
  };
}

function callBody({ from, to, flowUrl, statusCallbackUrl, record }: CallOptions): object {
  return {
    from_number: from,
    to_number: to,
    flow_url: flowUrl,
    ...(statusCallbackUrl === undefined ? {} : { status_callback_url: statusCallbackUrl }),
    ...(record === undefined ? {} : { record }),
  };
}
