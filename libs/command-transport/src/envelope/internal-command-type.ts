/**
 * Prefixes of the type of a command between processes of a cluster. This release writes the first and reads both, so
 * that processes of the release before, which know the first alone, can run beside it. The next release writes the
 * second.
 */
const prefixes = { written: 'ringfence.wish.', next: 'ringfence.internal.command.' } as const;

/** Says whether only a process of the cluster may publish a message of this type; the MAC says whether one did. */
export function isInternalCommand(type: string): boolean {
  return Object.values(prefixes).some((prefix) => type.startsWith(prefix));
}

/** The type as this release writes it; any other text comes back as it is. */
export function writtenType(type: string): string {
  const { written, next } = prefixes;
  return type.startsWith(next) ? `${written}${type.slice(next.length)}` : type;
}
