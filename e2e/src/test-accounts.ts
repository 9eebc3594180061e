import type { PlatformProcess } from './platform-process.js';

export type Customer = { readonly accountId: string; readonly keyId: string; readonly secret: string };
type Policy = { readonly [field: string]: unknown };
/** An answer as a client saw it. `status` 0: there was none, because the connection broke. */
export type CallAnswer = {
  readonly status: number;
  readonly code: string;
  readonly callId: string;
  readonly sentAtMs: number;
};

/** Time for which a test waits for what must happen, on any machine: it bounds a hang, and promises nothing. */
export const patienceMs = 90_000;
/** Bounds that no test reaches, neither by being quick nor by having calls live for longer on a slow machine. */
export const unlimited = { calls_per_second: 10_000, burst_calls: 10_000, lines_max: 100_000 };
const plenty = '1000000000000';
export const caller = '+15005550199';

/** Opens an account of its own, with credit in the test book. @throws Error if any step is refused */
export async function openAccount(platform: PlatformProcess, name: string): Promise<string> {
  const account = await wanted(platform, 'POST', '/api/v1/accounts', {
    name,
    currency: 'USD',
    region: 'eu',
    time_zone: 'Europe/Berlin',
  });
  const accountId = textIn(account, 'id');
  await wanted(platform, 'POST', `/api/v1/accounts/${accountId}/verify`, {});
  await wanted(platform, 'POST', `/api/v1/accounts/${accountId}/credit`, { mode: 'test', amount_micros: plenty });
  return accountId;
}

export async function issueKey(
  platform: PlatformProcess,
  accountId: string,
  policy: Policy,
  label = 'load',
): Promise<Customer> {
  const key = await wanted(platform, 'POST', '/api/v1/keys', {
    account_id: accountId,
    label,
    mode: 'test',
    preset: 'Make calls',
    ...policy,
  });
  return { accountId, keyId: textIn(key, 'id'), secret: textIn(key, 'secret') };
}

/** Sends a request as the operator, who has every permission. */
export async function wanted(
  platform: PlatformProcess,
  method: string,
  path: string,
  body?: unknown,
): Promise<Record<string, unknown>> {
  const { status, json } = await platform.ask(platform.keys.adminKey, method, path, body);
  if (status < 200 || status > 299) throw new Error(`${method} ${path}: ${String(status)} ${JSON.stringify(json)}`);
  return bare(json);
}

export async function placeCall(
  platform: PlatformProcess,
  secret: string,
  to: string,
  idempotencyKey?: string,
  more: Readonly<Record<string, string>> = {},
): Promise<CallAnswer> {
  const sentAtMs = Date.now();
  const headers = idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey };
  const body = { from_number: caller, to_number: to, ...more };
  try {
    const { status, json } = await platform.ask(secret, 'POST', '/api/v1/voice/calls/initiate', body, headers);
    const answer = bare(json);
    return { status, code: textOr(answer['code']), callId: textOr(answer['id']), sentAtMs };
  } catch {
    return { status: 0, code: 'no_answer', callId: '', sentAtMs };
  }
}

/**
 * Runs `clients` at once, each of which does its next turn when the previous one is done, until `turn` returns false.
 */
export async function together(
  clients: number,
  turn: (client: number, turnOfClient: number) => Promise<boolean>,
): Promise<void> {
  await Promise.all(
    Array.from({ length: clients }, async (_, client) => {
      for (let at = 0; await turn(client, at); at += 1);
    }),
  );
}

export async function until(what: string, withinMs: number, holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`not within ${String(withinMs)} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function bare(json: unknown): Record<string, unknown> {
  if (typeof json !== 'object' || json === null) return {};
  const { data } = json as { data?: unknown };
  return (typeof data === 'object' && data !== null ? data : json) as Record<string, unknown>;
}

function textIn(answer: Record<string, unknown>, name: string): string {
  const value = answer[name];
  if (typeof value !== 'string') throw new Error(`${name} is missing in ${JSON.stringify(answer)}`);
  return value;
}

const textOr = (value: unknown): string => (typeof value === 'string' ? value : '');
