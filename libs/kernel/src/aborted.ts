/** Asked anew after each await: TypeScript takes what a loop's condition said of `signal.aborted` for still true behind one. */
export function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
