import type { Id } from './ids.js';

/** The id of another kind with the same 128 bits: either follows from the other. */
export function withSameDigits<Prefix extends string>(prefix: Prefix, id: Id<string>): Id<Prefix> {
  return `${prefix}${id.slice(id.lastIndexOf('_'))}` as Id<Prefix>;
}
