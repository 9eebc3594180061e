/** Says whether an error has this broker error among its causes, in which the client nests them. */
export function hasErrorCode(failure: unknown, apiId: string): boolean {
  return holds(failure, (one) => 'apiId' in one && one.apiId === apiId);
}

const outageCodes: ReadonlySet<unknown> = new Set(['PLT_KFK_NETWORK', 'PLT_KFK_TIMEOUT']);

/** Says whether no broker has answered: another request now would get no answer either. */
export function isOutage(failure: unknown): boolean {
  return holds(failure, (one) => 'code' in one && outageCodes.has(one.code));
}

function holds(failure: unknown, looked: (one: object) => boolean): boolean {
  if (typeof failure !== 'object' || failure === null) return false;
  if (looked(failure)) return true;
  if ('errors' in failure && Array.isArray(failure.errors) && failure.errors.some((one) => holds(one, looked)))
    return true;
  return 'cause' in failure && holds(failure.cause, looked);
}
