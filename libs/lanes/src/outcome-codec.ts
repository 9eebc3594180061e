import { canonicalJson } from '@ringfence/event-catalog/canonical-json';
import { type Refusal, type RefusalCode, refusalCatalogue } from '@ringfence/domain/refusals';
import type { RecordedOutcome } from '@ringfence/ports/log/event-store';
import { BrokenInvariant } from '@ringfence/kernel/invariant';
import type { JsonObject, JsonValue } from '@ringfence/kernel/json';
import { type Position, position } from '@ringfence/kernel/units';
import type { CommandOutcome } from '@ringfence/commands/command-dispatcher';

/** Encodes an outcome's row: canonical JSON of the accepted command's result, or of the refusal. */
export function resultBytes(result: JsonObject): Uint8Array {
  return Buffer.from(canonicalJson(result));
}

export function refusalBytes(refusal: Refusal): Uint8Array {
  return Buffer.from(canonicalJson(refusalBody(refusal)));
}

export function refusalBody({ code, detail, retryAfterMs, limit }: Refusal): JsonObject {
  return {
    code,
    detail,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(limit === undefined ? {} : { limit: { name: limit.name, max: limit.max, used: limit.used } }),
  };
}

/** Decodes an earlier outcome for a retry. @throws BrokenInvariant if the row is damaged */
export function recalled(outcome: RecordedOutcome, replayed: boolean): CommandOutcome {
  const { accepted } = outcome;
  const body = parsed(outcome.body);
  if (accepted) return { accepted, position: outcome.position, result: body, replayed };
  return { accepted, position: lastBelow(outcome.position), refusal: readRefusal(body), replayed };
}

/** The position of a refusal: a reader that has seen it has seen everything that the refusal depended on. */
export function lastBelow(head: Position): Position {
  return position(Math.max(0, head - 1));
}

function parsed(bytes: Uint8Array): JsonObject {
  const body = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()) as JsonValue;
  if (!isObject(body)) throw new BrokenInvariant('the body of an outcome is an object');
  return body;
}

/** @throws BrokenInvariant if the body is not one of `refusalBody` */
export function readRefusal(body: JsonObject): Refusal {
  const { code, detail, retryAfterMs, limit } = body;
  if (typeof code !== 'string' || !isRefusalCode(code) || typeof detail !== 'string')
    throw new BrokenInvariant('a kept refusal has a code of the catalogue and a detail');
  return {
    code,
    detail,
    ...(typeof retryAfterMs === 'number' ? { retryAfterMs } : {}),
    ...(limit !== undefined && isObject(limit) ? { limit: limitOf(limit) } : {}),
  };
}

function limitOf({ name, max, used }: JsonObject): { name: string; max: string; used: string } {
  if (typeof name !== 'string' || typeof max !== 'string' || typeof used !== 'string')
    throw new BrokenInvariant('the limit of a kept refusal has a name, a maximum and what was used');
  return { name, max, used };
}

function isRefusalCode(code: string): code is RefusalCode {
  return Object.hasOwn(refusalCatalogue, code);
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
