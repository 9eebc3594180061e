import { describe, expect, it } from '@jest/globals';
import { SharedStatement } from './shared-statement.js';

type Question = { readonly id: number };
type Answered = { readonly asked: number; readonly id: number; readonly part: number };

/** Answers with two rows for each odd number; executions wait for `go`. */
class Executions {
  readonly texts: string[] = [];
  readonly #waiting: ((failure?: Error) => void)[] = [];
  readonly statement = new SharedStatement<Question, Answered>(
    (text) => this.#execute(text),
    () => new Error('overrun'),
  );

  /** Lets the oldest execution go on. */
  go(failure?: Error): void {
    this.#waiting.shift()?.(failure);
  }

  async #execute(text: string): Promise<readonly Answered[]> {
    this.texts.push(text);
    await new Promise<void>((resolve, reject) => {
      this.#waiting.push((failure) => {
        if (failure === undefined) resolve();
        else reject(failure);
      });
    });
    const questions = JSON.parse(text) as readonly Question[];
    const rows = questions.flatMap(({ id }, at) => [1, 2].map((part) => ({ asked: at + 1, id, part })));
    return rows.filter(({ id }) => id % 2 === 1);
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve));
const rowsOf = (id: number, asked: number) => [1, 2].map((part) => ({ asked, id, part }));

describe('a shared statement', () => {
  it('answers the questions of one turn in one execution, each with its own rows', async () => {
    const { statement, texts, go } = shared();
    const answers = Promise.all([3, 4, 1, 3].map((id) => statement.ask({ id })));
    await turn();
    expect(texts).toEqual(['[{"id":3},{"id":4},{"id":1}]']);
    go();
    expect(await answers).toEqual([rowsOf(3, 1), [], rowsOf(1, 3), rowsOf(3, 1)]);
  });

  it('does not keep a question waiting, and puts the same one again after it was sent', async () => {
    const { statement, texts, go } = shared();
    const first = statement.ask({ id: 1 });
    await turn();
    const again = statement.ask({ id: 1 });
    await turn();
    expect(texts).toEqual(['[{"id":1}]', '[{"id":1}]']);
    go();
    go();
    expect(await Promise.all([first, again])).toEqual([rowsOf(1, 1), rowsOf(1, 1)]);
  });

  it('gathers what comes while two executions are under way, at most 64 at a time', async () => {
    const { statement, texts, go } = shared();
    const answers: Promise<unknown>[] = [];
    for (let id = 1; id <= 2; id += 1) {
      answers.push(statement.ask({ id }));
      await turn();
    }
    for (let id = 3; id <= 80; id += 1) answers.push(statement.ask({ id }));
    await turn();
    expect(texts).toHaveLength(2);
    for (let execution = 0; execution < 4; execution += 1) {
      go();
      await turn();
      await turn();
    }
    await Promise.all(answers);
    expect(texts.map((text) => (JSON.parse(text) as unknown[]).length)).toEqual([1, 1, 64, 14]);
  });

  it('fails the questions of an execution that fails, and answers the next', async () => {
    const { statement, go } = shared();
    const answers = Promise.allSettled([1, 3].map((id) => statement.ask({ id })));
    await turn();
    go(new Error('down'));
    expect((await answers).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const next = statement.ask({ id: 5 });
    await turn();
    go();
    expect(await next).toEqual(rowsOf(5, 1));
  });
});

function shared() {
  const executions = new Executions();
  const { statement, texts } = executions;
  return { statement, texts, go: executions.go.bind(executions) };
}
