/**
 * Reads `signal.aborted` again after an await: TypeScript assumes that what a loop's condition said of it still holds.
 */
export function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
