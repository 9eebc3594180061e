import type { JsonValue } from '@ringfence/kernel/json';
import { ineffectiveFields, warningCodes } from '@ringfence/wire/ineffective-fields';

const warnings = warningCodes.map((code) => ({ code, ...ineffectiveFields[code] }));

/**
 * The warnings of an outcome, in words. Outcomes of earlier releases have none; codes of later releases are left out.
 */
export function warningBodies(codes: JsonValue | undefined): readonly object[] {
  const given: readonly unknown[] = Array.isArray(codes) ? codes : [];
  return warnings.filter(({ code }) => given.includes(code));
}
