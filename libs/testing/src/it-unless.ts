import { it } from '@jest/globals';

type Test = (name: string, test: () => Promise<void> | void, timeoutMs?: number) => void;

/**
 * Runs like `it`, unless there is a reason why the test cannot run here: then it is a counted skip, and the run's last
 * lines give the reason.
 */
export function itUnless(reason: string | null): Test {
  if (reason === null) return it;
  return (name, test, timeoutMs) => {
    it.skip(`${name} (not here: ${reason})`, test, timeoutMs);
  };
}
