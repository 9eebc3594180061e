import { type JsonAnswer, textOr } from '../server/json-reading.js';
import type { JsonPage } from '../server/platform-api.js';
import { cliFailures } from '../failures.js';
import type { Narrator } from './narrator.js';

const states = ['initiated', 'ringing', 'answered', 'completed', 'failed'] as const;
const lookEveryMs = 250;

export type Board = ReadonlyMap<string, JsonAnswer>;

export const isLive = (call: JsonAnswer): boolean => !['completed', 'failed'].includes(textOr(call, 'state', ''));

/**
 * Polls these calls until `done`, and shows how many are in each state.
 * @throws Failure `story_differs` after `withinMs`
 */
export async function watchUntil(
  calls: () => Promise<JsonPage>,
  narrator: Narrator,
  what: string,
  withinMs: number,
  done: (board: Board) => boolean,
): Promise<Board> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const { items } = await calls();
    const board: Board = new Map(items.map((call) => [textOr(call, 'id', ''), call]));
    narrator.status(summary(board, narrator));
    if (done(board)) {
      narrator.statusEnds();
      return board;
    }
    if (performance.now() > deadline) {
      narrator.statusEnds();
      throw cliFailures.story_differs(what, `within ${String(withinMs / 1000)} s`, summary(board, narrator));
    }
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
}

function summary(board: Board, { terminal: { paint } }: Narrator): string {
  const colours = {
    initiated: 'gray',
    ringing: 'yellow',
    answered: 'green',
    completed: 'blue',
    failed: 'red',
  } as const;
  return states
    .map((state) => {
      const count = [...board.values()].filter((call) => call['state'] === state).length;
      const text = `${state} ${String(count).padStart(2)}`;
      return paint(count === 0 ? 'gray' : colours[state], `${count === 0 ? '○' : '●'} ${text}`);
    })
    .join('   ');
}
