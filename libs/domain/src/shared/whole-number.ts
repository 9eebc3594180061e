/** Tests whether a number is whole, exact, and from `least` to `most`. */
export function isWholeWithin(value: number, least: number, most: number): boolean {
  return Number.isSafeInteger(value) && value >= least && value <= most;
}
