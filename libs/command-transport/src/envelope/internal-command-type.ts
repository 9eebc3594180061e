/**
 * Prefixes of the type of a command between processes of a cluster. This release reads both and writes the first, the
 * only one that the previous release knows, so that both can run side by side. The next release writes the second.
 */
const prefixes = { written: 'ringfence.wish.', next: 'ringfence.internal.command.' } as const;

/** Says whether only processes of the cluster may publish messages of this type; the MAC proves that one did. */
export function isInternalCommand(type: string): boolean {
  return Object.values(prefixes).some((prefix) => type.startsWith(prefix));
}

/** The type as this release writes it; other texts are returned unchanged. */
export function writtenType(type: string): string {
  const { written, next } = prefixes;
  return type.startsWith(next) ? `${written}${type.slice(next.length)}` : type;
}
