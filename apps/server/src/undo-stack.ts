/** Stops a started part. @param planned the process may take its time to hand over what it has */
export type Undo = (planned: boolean) => Promise<void>;

/** What has been started so far, stopped in the opposite order. */
export class UndoStack {
  readonly #steps: Undo[] = [];

  push(step: Undo): void {
    this.#steps.push(step);
  }

  /** Takes over the stopping of a part. @returns the part */
  own<Part extends { readonly stop: Undo }>(part: Part): Part {
    this.#steps.push((planned) => part.stop(planned));
    return part;
  }

  /** Runs every step once; a second call finds none. @throws what the first failing step throws, with the steps below it left undone */
  async run(planned: boolean): Promise<void> {
    for (const step of this.#steps.splice(0).reverse()) await step(planned);
  }
}
