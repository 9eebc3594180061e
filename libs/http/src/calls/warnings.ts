import type { JsonValue } from '@ringfence/kernel/json';
import { ineffectiveFields, warningCodes } from '@ringfence/wire/ineffective-fields';

/** What an outcome warns of, in words. An outcome of an earlier release warns of nothing; a code of a later one is left out. */
export function warningBodies(codes: JsonValue | undefined): readonly object[] {
  const given: readonly unknown[] = Array.isArray(codes) ? codes : [];
  return warningCodes.filter((code) => given.includes(code)).map((code) => ({ code, ...ineffectiveFields[code] }));
}
