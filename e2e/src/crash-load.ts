import { expect } from '@jest/globals';
import { caller, type Customer } from './test-accounts.js';
import type { PlatformProcess } from './platform-process.js';

const clients = 24;
/** Numbers for every way in which a call can end, and one for a call that talks until its time is over. */
const numbers = [
  '+15005550000',
  '+15005550003',
  '+15005550002',
  '+15005550004',
  '+15005550005',
  '+15005552030',
  '+15005550042',
];
/** Turns of a client, repeated; it hangs up a live call, and revokes a key in use. */
const turns = ['place', 'hang_up', 'issue', 'place', 'revoke', 'place', 'credit', 'place'] as const;
const kinds = new Set(turns).size;
export const creditMicros = '1000000';

export type Doing = (typeof turns)[number];
/**
 * An answer as a client saw it. `status` 0: there was none, because the connection broke. `id` is the call's or the
 * key's; empty: it has none.
 */
export type Answered = { readonly status: number; readonly code: string; readonly id: string };
export type SentCommand = {
  readonly doing: Doing;
  readonly customer: Customer;
  readonly idempotencyKey: string;
  readonly ask: (platform: PlatformProcess) => Promise<Answered>;
  readonly answer: Answered;
  /** The status before the kill; 0: there was none. */
  readonly firstStatus: number;
};

/**
 * Sends commands without a pause until the platform is killed, `killAfterMs` after every kind of command has been
 * answered.
 * @returns everything that was requested
 */
export async function loadUntilKilled(
  platform: PlatformProcess,
  customers: readonly Customer[],
  killAfterMs: number,
  round: string,
): Promise<readonly SentCommand[]> {
  const sent: SentCommand[] = [];
  let killed = false;
  const answered = new Set<Doing>();
  let onEveryKind: () => void = () => undefined;
  const everyKind = new Promise<void>((resolve) => (onEveryKind = resolve));
  const load = Array.from({ length: clients }, async (_, client) => {
    /** The call and the key that this client created last. */
    const last = new Map<Doing, SentCommand>();
    for (let turn = 0; !killed; turn += 1) {
      const command = nextCommand(customers, last, { client, turn, round });
      const answer = await command.ask(platform);
      const done = { ...command, answer, firstStatus: answer.status };
      sent.push(done);
      last.set(command.doing, done);
      if (answer.status === 0) return;
      if (answered.add(command.doing).size === kinds) onEveryKind();
    }
  });
  // Waits for answers, because a slow machine may have given none at a moment when a fast one is busy.
  await Promise.race([everyKind, Promise.all(load)]);
  await new Promise((resolve) => setTimeout(resolve, killAfterMs));
  await platform.kill9();
  killed = true;
  await Promise.all(load);
  expect(sent.filter(({ answer }) => answer.status === 202).length).toBeGreaterThan(0);
  return sent;
}

type Turn = { readonly client: number; readonly turn: number; readonly round: string };

function nextCommand(
  customers: readonly Customer[],
  last: ReadonlyMap<Doing, SentCommand>,
  { client, turn, round }: Turn,
): Pick<SentCommand, 'doing' | 'customer' | 'idempotencyKey' | 'ask'> {
  const at = client + turn;
  const some = customers[at % customers.length];
  if (some === undefined) throw new Error('the load has no customers');
  const doing = turns[at % turns.length] ?? 'place';
  const placed = last.get('place');
  const issued = last.get('issue');
  const command = (what: Doing, customer: Customer, path: string, body: object, key?: string) => {
    const idempotencyKey = `crash-${round}-${String(client)}-${String(turn)}`;
    const ask = (platform: PlatformProcess) =>
      asked(platform, key ?? platform.keys.adminKey, `/api/v1${path}`, body, idempotencyKey);
    return { doing: what, customer, idempotencyKey, ask };
  };
  if (doing === 'credit')
    return command('credit', some, `/accounts/${some.accountId}/credit`, { mode: 'test', amount_micros: creditMicros });
  if (doing === 'issue') {
    const policy = { label: 'crash', mode: 'test', preset: 'Make calls' };
    return command('issue', some, '/keys', { account_id: some.accountId, ...policy });
  }
  if (doing === 'revoke' && issued !== undefined && last.get('revoke')?.answer.id !== issued.answer.id)
    return command('revoke', issued.customer, `/keys/${issued.answer.id}/revoke`, { reason: 'leaked' });
  if (doing === 'hang_up' && placed !== undefined)
    return command('hang_up', placed.customer, `/voice/calls/${placed.answer.id}/hangup`, {}, placed.customer.secret);
  const to = numbers[(client * 7 + turn) % numbers.length] ?? '';
  const call = { from_number: caller, to_number: to };
  return command('place', some, '/voice/calls/initiate', call, some.secret);
}

async function asked(
  platform: PlatformProcess,
  key: string,
  path: string,
  body: object,
  idempotencyKey: string,
): Promise<Answered> {
  try {
    const { status, json } = await platform.ask(key, 'POST', path, body, { 'idempotency-key': idempotencyKey });
    const { data = json } = (json ?? {}) as { readonly data?: unknown };
    const { id, code } = (data ?? {}) as { readonly id?: unknown; readonly code?: unknown };
    return { status, code: typeof code === 'string' ? code : '', id: typeof id === 'string' ? id : '' };
  } catch {
    return { status: 0, code: 'no_answer', id: '' };
  }
}
