/** Looks in a row that somebody has to be missing in: a connection that was cut is made anew meanwhile. */
export const missedLooksMax = 3;

/** Who was there and is not any more. Whoever was never seen is not missed. */
export class Absences<Who> {
  /** Of each that was seen, how many looks in a row it has been missing. */
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
