import { accountWideEvents } from '@ringfence/event-catalog/event-facts';
import { ceTypes } from '@ringfence/event-catalog/event-catalog';
import { type Mode, modes } from './mode-rows.js';

/** The status of an answer that is not read to its end. */
export async function streamStatus(url: string, key: string): Promise<number> {
  const leaving = new AbortController();
  const answer = await fetch(url, { headers: { 'x-api-key': key }, signal: leaving.signal });
  leaving.abort();
  return answer.status;
}

/** Collects every mode that an answer names, except events of the account as a whole. */
export function modesIn(json: unknown): ReadonlySet<Mode> {
  const found = new Set<Mode>();
  const look = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(look);
    if (typeof value !== 'object' || value === null || accountWide.has((value as { type?: unknown }).type)) return;
    for (const [name, inner] of Object.entries(value)) {
      if (['mode', 'book'].includes(name) && modes.includes(inner as Mode)) found.add(inner as Mode);
      else look(inner);
    }
  };
  look(json);
  return found;
}
const accountWide: ReadonlySet<unknown> = new Set(accountWideEvents.map((type) => ceTypes[type]));
