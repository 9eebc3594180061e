/** Checks that a number is a safe integer from `least` to `most`. */
export function isWholeWithin(value: number, least: number, most: number): boolean {
  return Number.isSafeInteger(value) && value >= least && value <= most;
}
