import { Coalescer } from './coalescer.js';

/** The most questions that one execution answers. */
const questionsMax = 64;
/** The most executions at a time: a slow one delays the next by one of two. */
const executionsMax = 2;
/** The most questions that wait; one more is refused. */
const waitingMax = 16_384;

/** A row with the number of the question that it answers, from 1. */
type Numbered = { readonly asked: number };

/**
 * One statement for the questions of many: those of one turn of the event loop, and those that come while it is being
 * executed, share one execution. A question alone is not kept waiting. The same question is put once per execution.
 */
export class SharedStatement<Question extends object, Row extends Numbered> {
  readonly #coalescer: Coalescer<string, readonly Row[]>;

  /**
   * @param execute takes the questions as a JSON array, and returns the rows of each in order; when it fails, every
   * question in it fails
   * @param overrun the failure of a question that is one too many
   */
  constructor(
    private readonly execute: (questions: string) => Promise<readonly Row[]>,
    overrun: () => Error,
  ) {
    const limits = { batchMax: questionsMax, inFlightMax: executionsMax, queueMax: waitingMax, overrun };
    this.#coalescer = new Coalescer((texts) => this.#answer(texts), limits);
  }

  /** @throws what `execute` throws, `overrun` */
  ask(question: Question): Promise<readonly Row[]> {
    return this.#coalescer.submit(JSON.stringify(question));
  }

  async #answer(texts: readonly string[]): Promise<readonly (readonly Row[])[]> {
    const answers = new Map<string, Row[]>(texts.map((text) => [text, []]));
    const rows = await this.execute(`[${[...answers.keys()].join(',')}]`);
    const inOrder = [...answers.values()];
    for (const row of rows) inOrder[row.asked - 1]?.push(row);
    return texts.map((text) => answers.get(text) ?? []);
  }
}
