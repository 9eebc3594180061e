/**
 * Reads `signal.aborted` again after an await: TypeScript assumes that the result of a loop's condition still holds.
 */
export function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
