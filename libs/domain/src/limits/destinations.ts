/**
 * Prefixes that are refused unless a key's policy names them: satellite, international premium and shared-cost ranges, where a stolen key
 * costs most. Digits without `+`.
 */
export const costlyPrefixes = [
  '1900',
  '1976',
  '4487',
  '4490',
  '4491',
  '44909',
  '33899',
  '3489',
  '39899',
  '4190',
  '43900',
  '43930',
  '49900',
  '61190',
  '8190',
  '8610168',
  '870',
  '875',
  '878',
  '881',
  '882',
  '883',
  '888',
  '979',
  '991',
] as const;

/**
 * Whether a key with these prefixes may call these digits. A costly range must be named itself: `1` does not open `1900`.
 * @param allowedPrefixes null: everything that is not costly
 */
export function destinationAllowed(digits: string, allowedPrefixes: readonly string[] | null): boolean {
  const costly = costlyPrefixes.find((prefix) => digits.startsWith(prefix));
  if (allowedPrefixes === null) return costly === undefined;
  return allowedPrefixes.some(
    (prefix) => digits.startsWith(prefix) && (costly === undefined || prefix.startsWith(costly)),
  );
}
