/** Looks in a row in which a name has to be missing: a connection that was cut is re-established meanwhile. */
export const missedLooksMax = 3;

/** Names that were there and are not any more. A name that was never seen is not missed. */
export class Absences<Who> {
  /** Looks in a row in which each name has been missing. */
  readonly #missed = new Map<Who, number>();

  /** @returns who is gone, each once, until it is seen again */
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
