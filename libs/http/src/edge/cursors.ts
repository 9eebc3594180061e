import { edgeProblem } from '../problem.js';

/** Encodes a cursor, which is opaque to clients: base64url of the values that the read model orders by. */
export function cursorText(parts: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** @throws HttpProblem `cursor_invalid` unless the parts match `kinds` in number and type */
export function cursorParts<Kinds extends readonly ('string' | 'number')[]>(
  cursor: string,
  kinds: Kinds,
): { [At in keyof Kinds]: Kinds[At] extends 'string' ? string : number } {
  const parts: unknown = parsed(cursor);
  if (!Array.isArray(parts) || parts.length !== kinds.length || !parts.every((part, at) => isOfKind(part, kinds[at]))) {
    throw edgeProblem('cursor_invalid', 'a cursor is what an earlier answer gave as one');
  }
  return parts as { [At in keyof Kinds]: Kinds[At] extends 'string' ? string : number };
}

function isOfKind(part: unknown, kind: 'string' | 'number' | undefined): boolean {
  if (kind === 'number') return typeof part === 'number' && Number.isSafeInteger(part) && part >= 0;
  return typeof part === 'string' && part.length <= 100 && /^[\x21-\x7e]*$/.test(part);
}

function parsed(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
