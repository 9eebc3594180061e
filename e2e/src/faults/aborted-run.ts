/**
 * Does the work of a run for as long as it may take.
 * @returns what interrupted it, if anything did: the results so far can still be kept
 */
export async function untilBrokenOff(work: () => Promise<void>, withinMs: number): Promise<readonly string[]> {
  let late: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    late = setTimeout(() => {
      reject(new Error(`it was not done within ${String(withinMs)} ms`));
    }, withinMs);
  });
  try {
    await Promise.race([work(), limit]);
    return [];
  } catch (failure) {
    return [`the run was broken off: ${failure instanceof Error ? failure.message : String(failure)}`];
  } finally {
    clearTimeout(late);
  }
}
