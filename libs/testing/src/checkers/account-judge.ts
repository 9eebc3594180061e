import { type AccountId, parseAccountId } from '@ringfence/kernel/ids';
import { after, faultsOf, justifies, type ReferenceAccount, unknownAccount } from './account-reference.js';
import { type Evidence, nameOf } from './evidence.js';

/** An account's state after each of its events. */
type Past = readonly { readonly position: number; readonly account: ReferenceAccount }[];

/** Checks that every decision, in the order of the log, is one that the reference makes too. */
export function decidedRightly({ events }: Evidence): readonly string[] {
  const accounts = new Map<AccountId, ReferenceAccount>();
  return events.flatMap((event) => {
    const accountId = parseAccountId(event.stream);
    if (accountId === undefined) return [];
    const before = accounts.get(accountId) ?? unknownAccount;
    accounts.set(accountId, after(before, event.data));
    return faultsOf(before, event).map((fault) => `at ${event.position}: ${fault}`);
  });
}

/** Checks that every refusal had a reason that held at some moment between the request and the answer. */
export function refusedRightly(evidence: Evidence): readonly string[] {
  const { answered, asked } = evidence;
  const pasts = pastsOf(evidence);
  const requests = new Map(asked.map((request) => [request.asking, request]));
  const firstAsked = firstAsksOf(asked);
  return answered.flatMap(({ stream, commandId, outcome, asking }) => {
    if (outcome.accepted || outcome.replayed) return [];
    const request = requests.get(asking);
    const accountId = parseAccountId(stream);
    if (accountId === undefined || request?.commandType !== 'PlaceCall' || request.keyId === null) return [];
    const { keyId } = request;
    const since = firstAsked.get(nameOf({ stream, commandId }))?.head ?? 0;
    const stood = between(pasts.get(accountId) ?? [], since, outcome.position);
    const { code } = outcome.refusal;
    const justified = stood.map((account) => justifies(account, code, keyId));
    if (justified.length === 0 || justified.includes(undefined) || justified.includes(true)) return [];
    return [`${commandId} was refused with ${code}, which was so at no moment`];
  });
}

/**
 * Checks real time: an outcome that was acknowledged before another command was sent precedes it in the log; a refusal
 * has seen it.
 */
export function realTimeOrder({ answered, asked }: Evidence): readonly string[] {
  const firstAsked = firstAsksOf(asked);
  const steps = [...firstAsked.values(), ...answered].toSorted((one, other) => one.order - other.order);
  const acknowledged = new Map<string, { readonly position: number; readonly commandId: string }>();
  const before = new Map<string, { readonly position: number; readonly commandId: string }>();
  return steps.flatMap((step) => {
    const name = nameOf(step);
    const reached = acknowledged.get(step.stream);
    if (step.kind === 'asked') {
      if (reached !== undefined) before.set(name, reached);
      return [];
    }
    const { outcome, commandId, stream } = step;
    const earlier = before.get(name);
    // The position of a refusal is how far the lane had read.
    const least = (earlier?.position ?? -1) + (outcome.accepted ? 1 : 0);
    const overtakes = earlier !== undefined && earlier.commandId !== commandId && outcome.position < least;
    if (outcome.accepted && (reached === undefined || outcome.position > reached.position))
      acknowledged.set(stream, { position: outcome.position, commandId });
    return overtakes ? [`${commandId} is before ${earlier.commandId}, which was there before it was requested`] : [];
  });
}

function firstAsksOf(asked: Evidence['asked']): ReadonlyMap<string, Evidence['asked'][number]> {
  const first = new Map<string, Evidence['asked'][number]>();
  for (const each of asked) {
    const name = nameOf(each);
    if (!first.has(name)) first.set(name, each);
  }
  return first;
}

function pastsOf({ events }: Evidence): ReadonlyMap<AccountId, Past> {
  const pasts = new Map<AccountId, { position: number; account: ReferenceAccount }[]>();
  for (const { stream, position, data } of events) {
    const accountId = parseAccountId(stream);
    if (accountId === undefined) continue;
    const past = pasts.get(accountId) ?? [{ position: -1, account: unknownAccount }];
    past.push({ position, account: after(past.at(-1)?.account ?? unknownAccount, data) });
    pasts.set(accountId, past);
  }
  return pasts;
}

/**
 * Yields every state of the account between the moment when the log had `since` events and the one when it had `until`.
 */
function between(past: Past, since: number, until: number): readonly ReferenceAccount[] {
  const first = Math.max(0, countBelow(past, since) - 1);
  return past.slice(first, Math.max(first + 1, countBelow(past, until + 1))).map(({ account }) => account);
}

function countBelow(past: Past, position: number): number {
  let [low, high] = [0, past.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((past[middle]?.position ?? 0) < position) low = middle + 1;
    else high = middle;
  }
  return low;
}
