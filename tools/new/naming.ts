/** `NumberRangeOpened` → `number_range_opened`. */
export function snakeOf(pascal: string): string {
  return pascal.replace(/(?<=.)[A-Z]/g, '_$&').toLowerCase();
}

/** `NumberRangeOpened` → `numberRangeOpened`. */
export function camelOf(pascal: string): string {
  return pascal.slice(0, 1).toLowerCase() + pascal.slice(1);
}

/** `rate-counters` → `RateCounters`. */
export function pascalOf(kebab: string): string {
  return kebab.replace(/(?:^|-)([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}
