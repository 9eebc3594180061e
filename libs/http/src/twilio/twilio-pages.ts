import type { AccountId } from '@ringfence/kernel/ids';
import { position } from '@ringfence/kernel/units';
import type { Page, PageRequest } from '@ringfence/read-models/page';
import { callsPath } from './twilio-call-body.js';
import type { TwilioParameters } from './twilio-parameters.js';

const pageSizeDefault = 50;
/** The largest page that Twilio's clients ask for. */
const pageSizeAskedMax = 1_000;
/** The largest page that is answered. Clients follow `next_page_uri`, whatever it holds. */
const pageSizeMax = 100;

type TwilioPage = { readonly number: number; readonly size: number; readonly request: PageRequest };

/** The page that a query asks for. @throws HttpProblem `validation_failed` */
export function pageOf(parameters: TwilioParameters): TwilioPage {
  const asked = wholeIn(parameters, 'PageSize', pageSizeDefault);
  if (asked < 1 || asked > pageSizeAskedMax)
    throw parameters.invalid('PageSize', `is a number from 1 to ${String(pageSizeAskedMax)}`);
  const size = Math.min(asked, pageSizeMax);
  const number = wholeIn(parameters, 'Page', 0);
  const token = parameters.get('PageToken');
  if (token === undefined) {
    if (number > 0) throw parameters.invalid('PageToken', 'is needed for every page but the first');
    return { number, size, request: { limit: size } };
  }
  const [, direction, at] = /^P([AB])(\d{1,15})$/.exec(token) ?? [];
  if (at === undefined) throw parameters.invalid('PageToken', 'is the one of a page URI in an earlier answer');
  const from = position(Number(at));
  return { number, size, request: { limit: size, cursor: direction === 'A' ? { after: from } : { before: from } } };
}

/**
 * A page of calls. It has exactly the members that Twilio's Python client accepts: it refuses a page with any other.
 * URIs are relative to the host; clients follow them as they are.
 */
export function pageBody(
  calls: readonly object[],
  { next, previous }: Pick<Page<unknown>, 'next' | 'previous'>,
  { number, size, request: { cursor } }: TwilioPage,
  { accountId, parameters }: { readonly accountId: AccountId; readonly parameters: TwilioParameters },
): object {
  const start = number * size;
  const uri = (page: number, token: string | null): string => {
    const query = parameters.without('Page', 'PageSize', 'PageToken');
    query.set('PageSize', String(size));
    query.set('Page', String(page));
    if (token !== null) query.set('PageToken', token);
    return `${callsPath(accountId)}.json?${query.toString()}`;
  };
  return {
    calls,
    page: number,
    page_size: size,
    start,
    end: Math.max(start, start + calls.length - 1),
    uri: uri(number, tokenOf(cursor)),
    first_page_uri: uri(0, null),
    next_page_uri: next === null ? null : uri(number + 1, `PA${String(next)}`),
    previous_page_uri: previous === null ? null : uri(Math.max(0, number - 1), `PB${String(previous)}`),
  };
}

function tokenOf(cursor: PageRequest['cursor']): string | null {
  if (cursor === undefined) return null;
  return 'after' in cursor ? `PA${String(cursor.after)}` : `PB${String(cursor.before)}`;
}

function wholeIn(parameters: TwilioParameters, name: string, otherwise: number): number {
  const text = parameters.get(name);
  if (text === undefined) return otherwise;
  if (!/^\d{1,9}$/.test(text)) throw parameters.invalid(name, 'is a whole number');
  return Number(text);
}
