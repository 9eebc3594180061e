import { type AccountId, parseAccountId } from '@ringfence/kernel/ids';
import { after, faultsOf, justifies, type ReferenceAccount, unknownAccount } from './account-reference.js';
import type { Evidence } from './evidence.js';

/** An account as it stood after each of its events. */
type Past = readonly { readonly position: number; readonly account: ReferenceAccount }[];

/** In the order of the log every decision is one that the reference makes too. */
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

/** Who was turned away was turned away for something that was so at some moment between the question and the answer. */
export function refusedRightly(evidence: Evidence): readonly string[] {
  const { answered, asked } = evidence;
  const pasts = pastsOf(evidence);
  const firstAsked = new Map<string, number>();
  for (const { stream, commandId, head } of asked) {
    const name = `${stream} ${commandId}`;
    if (!firstAsked.has(name)) firstAsked.set(name, head);
  }
  return answered.flatMap(({ stream, commandId, outcome, asking }) => {
    if (outcome.accepted || outcome.replayed) return [];
    const wish = asked.find((each) => each.asking === asking);
    const accountId = parseAccountId(stream);
    if (accountId === undefined || wish?.wish !== 'PlaceCall' || wish.keyId === null) return [];
    const { keyId } = wish;
    const since = firstAsked.get(`${stream} ${commandId}`) ?? 0;
    const stood = between(pasts.get(accountId) ?? [], since, outcome.position);
    const { code } = outcome.refusal;
    const says = stood.map((account) => justifies(account, code, keyId));
    if (says.length === 0 || says.includes(undefined) || says.includes(true)) return [];
    return [`${commandId} was refused with ${code}, which was so at no moment`];
  });
}

/** What was acknowledged before something else was asked stands before it in the log. */
export function realTimeOrder({ answered, asked }: Evidence): readonly string[] {
  const askedAt = new Map(asked.map(({ asking, order }) => [asking, order]));
  const accepted = answered.filter(({ outcome }) => outcome.accepted && !outcome.replayed);
  return accepted.flatMap((later) => {
    const from = askedAt.get(later.asking) ?? 0;
    const firstAskOfIt = asked.find(({ commandId, stream }) => commandId === later.commandId && stream === later.stream)?.order; // prettier-ignore
    if (firstAskOfIt !== from) return [];
    const overtaken = accepted.find(
      (earlier) =>
        earlier.stream === later.stream && earlier.order < from && earlier.outcome.position > later.outcome.position,
    );
    return overtaken === undefined ? [] : [`${later.commandId} stands before ${overtaken.commandId}, which was there before it was asked`]; // prettier-ignore
  });
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

/** Every way in which it stood from the moment when `since` events were in the log up to the one at `until`. */
function between(past: Past, since: number, until: number): readonly ReferenceAccount[] {
  const first = past.findLastIndex(({ position }) => position < since);
  return past.slice(Math.max(0, first)).flatMap(({ position, account }, at) => (at === 0 || position <= until ? [account] : [])); // prettier-ignore
}
