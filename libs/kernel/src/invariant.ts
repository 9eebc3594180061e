/**
 * Violation of a rule that only a bug can break. It is reported, what it concerns is quarantined, and the lane goes on.
 */
export class BrokenInvariant extends Error {
  override readonly name = 'BrokenInvariant';
}

export function invariant(holds: boolean, rule: string): asserts holds {
  if (!holds) throw new BrokenInvariant(rule);
}

/** Default branch of a switch over a union: a new member does not compile until it is handled. */
export function unreachable(value: never): never {
  throw new BrokenInvariant(`unreachable: ${JSON.stringify(value)}`);
}
