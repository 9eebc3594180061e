/** Stops a started part. @param planned the process may take time to hand over its work */
export type Undo = (planned: boolean) => Promise<void>;

/** A stack of started parts, which stops them in reverse order. */
export class UndoStack {
  readonly #steps: Undo[] = [];

  push(step: Undo): void {
    this.#steps.push(step);
  }

  /** Takes responsibility for stopping a part. @returns the part */
  own<Part extends { readonly stop: Undo }>(part: Part): Part {
    this.#steps.push((planned) => part.stop(planned));
    return part;
  }

  /**
   * Runs every step once; a second call does nothing.
   * @throws the error of the first failing step; the steps below it are not run
   */
  async run(planned: boolean): Promise<void> {
    for (const step of this.#steps.splice(0).reverse()) await step(planned);
  }
}
