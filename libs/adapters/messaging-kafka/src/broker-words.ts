/** The client nests what the broker said in the causes of what it throws. */
export function says(failure: unknown, apiId: string): boolean {
  if (typeof failure !== 'object' || failure === null) return false;
  if ('apiId' in failure && failure.apiId === apiId) return true;
  if ('errors' in failure && Array.isArray(failure.errors) && failure.errors.some((one) => says(one, apiId)))
    return true;
  return 'cause' in failure && says(failure.cause, apiId);
}
