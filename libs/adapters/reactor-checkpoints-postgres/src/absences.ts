/** Number of looks in a row in which a name has to be missing: a broken connection is re-established in that time. */
export const missedLooksMax = 3;

/** Names that were present and no longer are. A name that was never seen is not missing. */
export class Absences<Who> {
  /** Number of looks in a row in which each name was missing. */
  readonly #missed = new Map<Who, number>();

  /** @returns the names that are gone, each once until it is seen again */
  look(present: ReadonlySet<Who>): readonly Who[] {
    for (const who of present) this.#missed.set(who, 0);
    const missing = [...this.#missed.keys()].filter((who) => !present.has(who));
    const gone: Who[] = [];
    for (const who of missing) {
      const looks = (this.#missed.get(who) ?? 0) + 1;
      this.#missed.set(who, looks);
      if (looks < missedLooksMax) continue;
      this.#missed.delete(who);
      gone.push(who);
    }
    return gone;
  }
}
