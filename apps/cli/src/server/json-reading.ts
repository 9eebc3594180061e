import { cliFailures } from '../failures.js';

/** An object from JSON.parse, read by member; each reader throws with what it expected where. */
export type JsonAnswer = { readonly [name: string]: unknown };

export function isAnswer(value: unknown): value is JsonAnswer {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A body is the bare object or `{"data": {…}}`. @throws Failure `server_answer_unreadable` */
export function objectIn(body: unknown, what: string): JsonAnswer {
  const found = isAnswer(body) && isAnswer(body['data']) ? body['data'] : body;
  if (!isAnswer(found)) throw cliFailures.server_answer_unreadable(`${what} is no object`);
  return found;
}

/** @throws Failure `server_answer_unreadable` */
export function listIn(body: unknown, what: string): readonly JsonAnswer[] {
  const found: unknown = isAnswer(body) ? body['data'] : body;
  if (!Array.isArray(found) || !found.every(isAnswer)) throw cliFailures.server_answer_unreadable(`${what} is no list`);
  return found;
}

/** @throws Failure `server_answer_unreadable` */
export function textAt(answer: JsonAnswer, name: string): string {
  const value = answer[name];
  if (typeof value !== 'string') throw cliFailures.server_answer_unreadable(`${name} is missing`);
  return value;
}

/** The text of a member, or `otherwise` where there is none. */
export function textOr(answer: JsonAnswer, name: string, otherwise: string): string {
  const value = answer[name];
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : otherwise;
}

/** @throws Failure `server_answer_unreadable` */
export function countAt(answer: JsonAnswer, name: string): number {
  const value = answer[name];
  if (typeof value !== 'number' || !Number.isSafeInteger(value))
    throw cliFailures.server_answer_unreadable(`${name} is no whole number`);
  return value;
}

/** Money, which JSON carries as a decimal string. @throws Failure `server_answer_unreadable` */
export function microsAt(answer: JsonAnswer, name: string): bigint {
  const value = answer[name];
  if (typeof value !== 'string' || !/^-?\d+$/.test(value))
    throw cliFailures.server_answer_unreadable(`${name} is no amount in micro-units`);
  return BigInt(value);
}
